// The frame behind the login: navigation, and who is logged in. On a phone the navigation is a
// popover of the browser.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { set_language } from "../api/account";
import { set_asker } from "../api/proof";
import { t, type Key } from "../i18n/words";
import { path } from "../router";
import { administers, is_admin, leave, session } from "../state";
import { Address, Button } from "./basics";
import { Brand } from "./brand";
import { Foot } from "./choices";
import { Confirmation } from "./dialog";
import { Icon, type IconName } from "./icons";
import { ask_in_dialog, ProofDialog } from "./proof_dialog";

interface Place {
  to: string;
  name: Key;
  icon: IconName;
}
const kAccount: Place[] = [
  { to: "/account", name: "nav.overview", icon: "home" },
  { to: "/account/mail", name: "nav.mail", icon: "mail" },
  { to: "/account/app-passwords", name: "nav.app_passwords", icon: "device" },
  { to: "/account/password", name: "nav.password", icon: "key" },
  { to: "/account/factors", name: "nav.factors", icon: "shield" },
  { to: "/account/recovery", name: "nav.recovery", icon: "back" },
  { to: "/account/sessions", name: "nav.sessions", icon: "browser" },
  { to: "/account/tokens", name: "nav.tokens", icon: "code" },
  { to: "/account/data", name: "nav.data", icon: "box" },
];
const kDomainAdmin: Place[] = [
  { to: "/admin/users", name: "nav.users", icon: "people" },
  { to: "/admin/registrations", name: "nav.registrations", icon: "door" },
  { to: "/admin/domains", name: "nav.domains", icon: "globe" },
];
const kAdmin: Place[] = [
  { to: "/admin", name: "nav.status", icon: "pulse" },
  ...kDomainAdmin,
  { to: "/admin/revisions", name: "nav.revisions", icon: "steps" },
  { to: "/admin/audit", name: "nav.audit", icon: "list" },
];

const is_here = (place: Place) =>
  path.value === place.to || (place.to.split("/").length > 2 && path.value.startsWith(`${place.to}/`));

function Places({ title, places }: { title: string; places: Place[] }) {
  return (
    <div>
      <h2>{title}</h2>
      <ul>
        {places.map((place) => (
          <li key={place.to}>
            <a href={place.to} aria-current={is_here(place) ? "page" : undefined}>
              <Icon name={place.icon} />
              {t(place.name)}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

const kPhone = "(max-width: 54rem)";

export function Frame({ broad, children }: { broad?: boolean; children: ComponentChildren }) {
  const side = useRef<HTMLElement>(null);
  useEffect(() => set_asker(ask_in_dialog), []);
  // A choice closes the navigation of a phone.
  useEffect(() => {
    if (matchMedia(kPhone).matches && side.current?.matches(":popover-open")) {
      side.current.hidePopover();
    }
  }, [path.value]);
  const who = session.value;
  return (
    <div class="frame">
      <a class="skip" href="#content">
        {t("skip")}
      </a>
      <header class="top">
        <Brand to="/account" />
        <button type="button" class="quiet" popovertarget="side">
          <Icon name="menu" />
          {t("menu")}
        </button>
      </header>
      <aside class="side" id="side" popover="auto" ref={side} aria-label={t("menu")}>
        <Brand to="/account" />
        <nav aria-label={t("nav")}>
          <Places title={t("nav.account")} places={kAccount} />
          {administers() && <Places title={t("nav.admin")} places={is_admin() ? kAdmin : kDomainAdmin} />}
        </nav>
        <div class="who">
          <span class="break">
            <span class="soft">{t("nav.logged_in")}</span>
            <br />
            <Address of={who?.email} />
          </span>
          <Button class="small" work={leave}>
            {t("log_out")}
          </Button>
        </div>
      </aside>
      <div class="content">
        <main id="content" class={broad ? "broad" : ""} key={path.value}>
          {children}
        </main>
        <Foot chosen={(language) => void set_language(language)} />
      </div>
      <ProofDialog />
      <Confirmation />
    </div>
  );
}
