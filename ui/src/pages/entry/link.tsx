// Where links of mails lead. Opening one changes nothing, since mail scanners open links, too: the
// person sees what it is for, and presses the button.
import { useState } from "preact/hooks";
import { Problem, type Result } from "../../api/client";
import { confirm, look_at_link, read_registration, set_password } from "../../api/journeys";
import { date_time, type Key, t } from "../../i18n/words";
import { Button, Notice, Trouble, Waiting } from "../../parts/basics";
import { EntryFrame } from "../../parts/entry_frame";
import { Form, KnownUser, PasswordField } from "../../parts/form";
import { useLoaded } from "../../parts/loaded";
import { take_link_token } from "../../router";

type Link = Result<typeof look_at_link>;
type Done = Result<typeof confirm>;

function Back() {
  return (
    <p class="small">
      <a href="/login">{t("to_login")}</a>
    </p>
  );
}

// `token` outlives a change of the language.
export function LinkPage() {
  const [token] = useState(take_link_token);
  const { value: link, error } = useLoaded(async () => {
    if (token === "") {
      throw new Problem(0, { code: "link_missing", detail: t("link.missing") });
    }
    return look_at_link(token);
  });
  if (error) {
    return (
      <EntryFrame title={t("link.bad.title")} others={<Back />}>
        <Trouble error={error} />
        <p class="soft small">{t("link.bad.text")}</p>
      </EntryFrame>
    );
  }
  if (!link) {
    return (
      <EntryFrame title={t("link.title")}>
        <Waiting />
      </EntryFrame>
    );
  }
  if (link.purpose === "password_reset" || link.purpose === "invitation") {
    return <NewPassword token={token} link={link} />;
  }
  return <Confirm token={token} link={link} />;
}

function Confirm({ token, link }: { token: string; link: Link }) {
  const [done, set_done] = useState<Done | undefined>(undefined);
  const [error, set_error] = useState<unknown>(undefined);
  if (done) {
    return (
      <EntryFrame title={t("link.done.title")} others={<Back />}>
        <Notice tone="ok">{t(`link.done.${done.state}` as Key, { email: done.email })}</Notice>
      </EntryFrame>
    );
  }
  async function press() {
    set_error(undefined);
    try {
      set_done(await confirm(token));
    } catch (failure) {
      set_error(failure);
    }
  }
  return (
    <EntryFrame title={t(`link.${link.purpose}.title` as Key)} others={<Back />}>
      <p class="break">{t(`link.${link.purpose}.text` as Key, { email: link.email, address: link.address })}</p>
      <Trouble error={error} />
      <Button class="main wide" work={press}>
        {t(`link.${link.purpose}.button` as Key, { email: link.email })}
      </Button>
      <p class="soft small">{t("link.until", { when: date_time(link.expires) })}</p>
    </EntryFrame>
  );
}

function NewPassword({ token, link }: { token: string; link: Link }) {
  const [done, set_done] = useState(false);
  const { value: rules } = useLoaded(read_registration);
  const shortest = rules?.shortest_password ?? 8;
  if (done) {
    return (
      <EntryFrame title={t("reset.done.title")} others={<Back />}>
        <Notice tone="ok">{t(link.purpose === "invitation" ? "invitation.done.text" : "reset.done.text", { email: link.email })}</Notice>
      </EntryFrame>
    );
  }
  return (
    <EntryFrame
      title={t(link.purpose === "invitation" ? "invitation.title" : "reset.set.title")}
      text={t(link.purpose === "invitation" ? "invitation.text" : "reset.set.text", { email: link.email })}
      others={<Back />}
    >
      <Form
        button={t("reset.set.button")}
        wide
        send={async (values) => {
          await set_password(token, values.password ?? "");
          set_done(true);
        }}
      >
        <KnownUser email={link.email} />
        <PasswordField
          name="password"
          label={t("password.new")}
          hint={t("password.hint", { n: shortest })}
          autocomplete="new-password"
          minLength={shortest}
          autofocus
        />
      </Form>
    </EntryFrame>
  );
}
