// The beginning: language and colours, whose session it is, and the page for the address. What is
// behind the login loads when somebody is logged in.
import { type ComponentType, render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { preferred_language, t, use_language } from "./i18n/words";
import { EntryFrame } from "./parts/entry_frame";
import { Trouble, Waiting } from "./parts/basics";
import { start_theme } from "./parts/choices";
import { LinkPage } from "./pages/entry/link";
import { LoginPage } from "./pages/entry/login";
import { RegisterPage } from "./pages/entry/register";
import { ResetPage } from "./pages/entry/reset";
import { go, parts, path, start_router } from "./router";
import { find_session, session } from "./state";

const kEntries: Record<string, ComponentType> = {
  login: LoginPage,
  register: RegisterPage,
  confirm: LinkPage,
  reset: ResetPage,
  invitation: LinkPage,
  "recovery-address": LinkPage,
  "keep-account": LinkPage,
};

const kAreas: Record<string, () => Promise<ComponentType>> = {
  account: async () => (await import("./pages/account/area")).AccountArea,
  admin: async () => (await import("./pages/admin/area")).AdminArea,
  authorize: async () => (await import("./pages/account/authorize")).AuthorizePage,
};

// Pages behind the login.
function Area({ name }: { name: string }) {
  const [loaded, set_loaded] = useState<{ name: string; area: ComponentType } | undefined>(undefined);
  const [error, set_error] = useState<unknown>(undefined);
  const who = session.value;
  useEffect(() => {
    kAreas[name]?.().then((area) => set_loaded({ name, area }), set_error);
  }, [name]);
  useEffect(() => {
    if (who === undefined) {
      find_session().catch(set_error);
    } else if (who === null) {
      const to = location.pathname + location.search;
      go(to === "/account" ? "/login" : `/login?to=${encodeURIComponent(to)}`, { replace: true });
    }
  }, [who]);
  if (error) {
    return (
      <EntryFrame title={t("failed")}>
        <Trouble error={error} />
      </EntryFrame>
    );
  }
  if (!who || loaded?.name !== name) {
    return <Waiting />;
  }
  const Found = loaded.area;
  return <Found />;
}

function App() {
  const first = parts.value[0] ?? "account";
  useEffect(() => {
    if (path.value === "/") {
      go("/account", { replace: true });
    }
  }, [path.value]);
  const Entry = kEntries[first];
  if (Entry) {
    return <Entry key={path.value} />;
  }
  if (kAreas[first]) {
    return <Area name={first} />;
  }
  return (
    <EntryFrame title={t("unknown.title")} text={t("unknown.text")}>
      <p>
        <a href="/account">{t("unknown.back")}</a>
      </p>
    </EntryFrame>
  );
}

async function start() {
  start_theme();
  start_router();
  await use_language(preferred_language());
  const page = document.getElementById("page");
  if (page) {
    render(<App />, page);
  }
}

void start();
