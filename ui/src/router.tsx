// The address says which page is shown. A click on a link of ours changes the address without
// loading anything.
import { computed, signal } from "@preact/signals";

export const path = signal(location.pathname);
export const query = signal(new URLSearchParams(location.search));

function follow() {
  path.value = location.pathname;
  query.value = new URLSearchParams(location.search);
}

export function go(to: string, { replace = false } = {}) {
  if (replace) {
    history.replaceState(null, "", to);
  } else {
    history.pushState(null, "", to);
    scrollTo(0, 0);
  }
  follow();
}

// Only our own pages: "//elsewhere.example" is another server, and so is "/\elsewhere".
export function is_own_page(to: string | null): to is string {
  return to !== null && /^\/(account|admin|authorize)(\/[\w.@%+-]*)*(\?[^#]*)?$/.test(to);
}

export function start_router() {
  addEventListener("popstate", follow);
  // Another link of a mail, opened in the same tab.
  addEventListener("hashchange", () => {
    if (new URLSearchParams(location.hash.slice(1)).has("token")) {
      location.reload();
    }
  });
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest?.("a");
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || link.target || link.hasAttribute("download") || event.defaultPrevented) {
      return;
    }
    const to = new URL(link.href);
    const elsewhere = to.origin !== location.origin || !is_page(to.pathname);
    if (!elsewhere && !link.getAttribute("href")?.startsWith("#")) {
      event.preventDefault();
      go(to.pathname + to.search);
    }
  });
}

// The first words of the paths of our pages; Apache knows the same (apache2.conf.tmpl).
const kPages = /^\/($|(login|register|confirm|reset|invitation|recovery-address|keep-account|authorize|account|admin)(\/|$))/;
export const is_page = (pathname: string) => kPages.test(pathname);

// The parts of the path: "/admin/users/7" is admin, users, 7.
export const parts = computed(() =>
  path.value.split("/").filter(Boolean).map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  }),
);

// The token of a link in a mail stands behind #, so that no server and no Referer gets it. It leaves
// the address bar and the history at once.
export function take_link_token(): string {
  const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
  if (token !== "") {
    history.replaceState(null, "", location.pathname + location.search);
  }
  return token;
}

// What an outside provider sent the browser back with. A code works once and only for this browser;
// it leaves the address bar all the same. `refused`: nobody logged in there.
export function take_outside_answer() {
  const given = query.value;
  history.replaceState(null, "", location.pathname);
  const code = given.get("code") ?? "";
  return { state: given.get("state") ?? "", code, iss: given.get("iss") ?? "", refused: code === "" };
}

// The page that a person wanted, while the browser is at an outside provider.
const kDestination = "podplay.destination";
export function keep_destination(to: string | null) {
  if (is_own_page(to)) {
    sessionStorage.setItem(kDestination, to);
  } else {
    sessionStorage.removeItem(kDestination);
  }
}
export function take_destination(): string | null {
  const to = sessionStorage.getItem(kDestination);
  sessionStorage.removeItem(kDestination);
  return to;
}
