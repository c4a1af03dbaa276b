// Language and colours: each a choice of the person that this browser remembers.
import { kLanguages, type Language, language, t, use_language } from "../i18n/words";

type Theme = "auto" | "light" | "dark";
const kStored = "podplay-theme";

export function start_theme() {
  const stored = localStorage.getItem(kStored);
  if (stored === "light" || stored === "dark") {
    document.documentElement.dataset.theme = stored;
  }
}

function use_theme(theme: Theme) {
  if (theme === "auto") {
    delete document.documentElement.dataset.theme;
    localStorage.removeItem(kStored);
  } else {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem(kStored, theme);
  }
}

// `chosen` tells who must know of a new language beside this browser.
export function Foot({ chosen }: { chosen?: (language: Language) => void }) {
  return (
    <footer class="page-foot">
      <select
        aria-label={t("language")}
        value={language.value}
        onChange={async (event) => {
          const wanted = event.currentTarget.value as Language;
          await use_language(wanted, true);
          chosen?.(wanted);
        }}
      >
        {Object.entries(kLanguages).map(([code, name]) => (
          <option key={code} value={code} lang={code}>
            {name}
          </option>
        ))}
      </select>
      <select
        aria-label={t("theme")}
        value={document.documentElement.dataset.theme ?? "auto"}
        onChange={(event) => use_theme(event.currentTarget.value as Theme)}
      >
        <option value="auto">{t("theme.auto")}</option>
        <option value="light">{t("theme.light")}</option>
        <option value="dark">{t("theme.dark")}</option>
      </select>
      <a href="/trust">{t("foot.trust")}</a>
      <a href="/api/docs">{t("foot.api")}</a>
    </footer>
  );
}
