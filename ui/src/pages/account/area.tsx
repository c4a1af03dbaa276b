// The person's own pages: what the account is, and everything about it that its owner may change.
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { read_account } from "../../api/account";
import { has_chosen_language, is_language, t, use_language } from "../../i18n/words";
import { Head } from "../../parts/basics";
import { Frame } from "../../parts/frame";
import { parts } from "../../router";
import { AppPasswordsPage } from "./app_passwords";
import { DataPage } from "./data";
import { FactorsPage } from "./factors";
import { MailPage } from "./mail";
import { OverviewPage } from "./overview";
import { PasswordPage } from "./password";
import { RecoveryPage } from "./recovery";
import { SessionsPage } from "./sessions";
import { TokensPage } from "./tokens";

const kPages: Record<string, ComponentType> = {
  "": OverviewPage,
  mail: MailPage,
  "app-passwords": AppPasswordsPage,
  password: PasswordPage,
  factors: FactorsPage,
  recovery: RecoveryPage,
  sessions: SessionsPage,
  tokens: TokensPage,
  data: DataPage,
};

export function AccountArea() {
  // The account's language, unless another was chosen in this browser.
  useEffect(() => {
    if (!has_chosen_language()) {
      read_account().then(
        ({ language }) => {
          // The person may have chosen one meanwhile.
          if (is_language(language) && !has_chosen_language()) {
            void use_language(language);
          }
        },
        () => {},
      );
    }
  }, []);
  const Page = parts.value.length <= 2 ? kPages[parts.value[1] ?? ""] : undefined;
  return <Frame>{Page ? <Page /> : <Head title={t("unknown.title")}>{t("unknown.text")}</Head>}</Frame>;
}
