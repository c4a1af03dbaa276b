// What proves a person beside the password: codes of an app, passkeys, and ten codes on paper for
// the day when both are lost.
import { useState } from "preact/hooks";
import { Problem, type Item, type Result } from "../../api/client";
import {
  add_passkey,
  begin_totp,
  confirm_totp,
  list_passkeys,
  make_recovery_codes,
  read_factors,
  remove_passkey,
  remove_totp,
  rename_passkey,
} from "../../api/factors";
import { ask_for_proof } from "../../api/proof";
import { has_passkeys } from "../../api/webauthn";
import { count, t } from "../../i18n/words";
import { Badge, Button, Card, Copy, Head, Notice, Qr, save_file, Secret, Time, Trouble, Waiting } from "../../parts/basics";
import { confirm_first, Dialog } from "../../parts/dialog";
import { CodeField, Field, Form } from "../../parts/form";
import { useLoaded } from "../../parts/loaded";
import { find_session, session } from "../../state";

type Factors = Result<typeof read_factors>;
type Passkey = Item<typeof list_passkeys>;

function Codes({ codes, close }: { codes: string[]; close: () => void }) {
  const text = codes.join("\n");
  return (
    <Dialog title={t("codes.title")} close={close}>
      <p>{t("codes.text")}</p>
      <ul class="codes mono">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div class="ends">
        <Copy text={text} />
        <button
          type="button"
          class="small"
          onClick={() => {
            const head = t("codes.file", { host: location.hostname, email: session.value?.email ?? "" });
            save_file("recovery-codes.txt", new Blob([`${head}\n\n${text}\n`], { type: "text/plain" }));
          }}
        >
          {t("codes.save")}
        </button>
        <button type="button" class="main" onClick={close}>
          {t("codes.kept")}
        </button>
      </div>
    </Dialog>
  );
}

function TotpSetup({ begun, done, close }: { begun: Result<typeof begin_totp>; done: (codes: string[]) => Promise<void>; close: () => void }) {
  return (
    <Dialog title={t("totp.title")} close={close}>
      <div class="beside">
        <Qr path={begun.qr_path} size={begun.qr_size} label={t("totp.qr")} />
        <div class="stack tight">
          <p>{t("totp.scan")}</p>
          <p class="soft small">{t("totp.by_hand")}</p>
        </div>
      </div>
      <Secret text={begun.secret} name={t("totp.secret")} />
      <Form
        button={t("totp.confirm")}
        aside={
          <button type="button" onClick={close}>
            {t("cancel")}
          </button>
        }
        send={async (values) => {
          const { recovery_codes } = await confirm_totp((values.code ?? "").replaceAll(" ", ""));
          await done(recovery_codes ?? []);
        }}
      >
        <CodeField name="code" label={t("factor.totp.code")} hint={t("totp.code.hint")} inputmode="numeric" maxLength={9} />
      </Form>
    </Dialog>
  );
}

function Totp({ factors, changed }: { factors: Factors; changed: (codes?: string[]) => Promise<void> }) {
  const [begun, set_begun] = useState<Result<typeof begin_totp> | undefined>(undefined);
  const [error, set_error] = useState<unknown>(undefined);
  async function begin() {
    set_error(undefined);
    try {
      set_begun(await begin_totp());
    } catch (failure) {
      set_error(failure);
    }
  }
  return (
    <Card title={t("totp.card")} help={t("totp.help")} action={factors.totp ? <Badge tone="ok">{t("on")}</Badge> : <Badge>{t("off")}</Badge>}>
      <Trouble error={error} />
      <div class="row">
        {factors.totp ? (
          <>
            <Button work={begin}>{t("totp.replace")}</Button>
            <button
              type="button"
              class="quiet danger"
              onClick={() =>
                confirm_first({
                  title: t("totp.remove.title"),
                  text: <p>{t("totp.remove.text")}</p>,
                  button: t("remove"),
                  danger: true,
                  work: async () => {
                    await remove_totp();
                    await changed();
                  },
                })
              }
            >
              {t("remove")}
              <span class="unseen"> {t("totp.card")}</span>
            </button>
          </>
        ) : (
          <Button class="main" work={begin}>
            {t("totp.begin")}
          </Button>
        )}
      </div>
      {begun && (
        <TotpSetup
          begun={begun}
          close={() => set_begun(undefined)}
          done={async (codes) => {
            set_begun(undefined);
            await changed(codes);
          }}
        />
      )}
    </Card>
  );
}

function PasskeyLine({ one, changed }: { one: Passkey; changed: () => Promise<void> }) {
  const [renaming, set_renaming] = useState(false);
  return (
    <li>
      <div class="what">
        <strong>{one.name}</strong>
        <div class="soft small">
          {t("app.created")} <Time at={one.created} />
          {" · "}
          {one.last_used ? (
            <>
              {t("app.used")} <Time at={one.last_used} />
            </>
          ) : (
            t("app.never_used")
          )}
        </div>
      </div>
      <span class="row">
        <button type="button" class="quiet small" onClick={() => set_renaming(true)}>
          {t("rename")}
          <span class="unseen"> {one.name}</span>
        </button>
        <button
          type="button"
          class="quiet danger small"
          onClick={() =>
            confirm_first({
              title: t("passkey.remove.title", { name: one.name }),
              text: <p>{t("passkey.remove.text")}</p>,
              button: t("remove"),
              danger: true,
              work: async () => {
                await remove_passkey(one.id);
                await changed();
              },
            })
          }
        >
          {t("remove")}
          <span class="unseen"> {one.name}</span>
        </button>
      </span>
      {renaming && (
        <Dialog title={t("passkey.rename")} close={() => set_renaming(false)}>
          <Form
            button={t("save")}
            aside={
              <button type="button" onClick={() => set_renaming(false)}>
                {t("cancel")}
              </button>
            }
            send={async (values) => {
              await rename_passkey(one.id, (values.name ?? "").trim());
              set_renaming(false);
              await changed();
            }}
          >
            <Field name="name" label={t("passkey.name")} defaultValue={one.name} required maxLength={64} />
          </Form>
        </Dialog>
      )}
    </li>
  );
}

function Passkeys({ changed }: { changed: (codes?: string[]) => Promise<void> }) {
  const { value, error, again } = useLoaded(list_passkeys);
  const [adding, set_adding] = useState(false);
  const refresh = async () => {
    await again();
    await changed();
  };
  return (
    <Card title={t("passkeys.card")} help={t("passkeys.help")} action={value && value.items.length > 0 ? <Badge tone="ok">{t("on")}</Badge> : <Badge>{t("off")}</Badge>}>
      <Trouble error={error} />
      {value && value.items.length > 0 && (
        <ul class="things">
          {value.items.map((one) => (
            <PasskeyLine key={one.id} one={one} changed={refresh} />
          ))}
        </ul>
      )}
      {has_passkeys() ? (
        <div class="row">
          <button type="button" class={value && value.items.length > 0 ? "" : "main"} onClick={() => set_adding(true)}>
            {t("passkey.add")}
          </button>
        </div>
      ) : (
        <Notice>{t("passkeys.unavailable")}</Notice>
      )}
      {adding && (
        <Dialog title={t("passkey.add")} close={() => set_adding(false)}>
          <p class="soft">{t("passkey.add.text")}</p>
          <Form
            button={t("passkey.add.button")}
            aside={
              <button type="button" onClick={() => set_adding(false)}>
                {t("cancel")}
              </button>
            }
            send={async (values) => {
              try {
                const { recovery_codes } = await add_passkey((values.name ?? "").trim());
                set_adding(false);
                await again();
                await changed(recovery_codes ?? []);
              } catch (failure) {
                const code = failure instanceof Problem ? failure.code : "";
                if (code === "passkey_refused" || code === "passkey_known") {
                  throw new Problem(0, { code, detail: t(code === "passkey_known" ? "passkey.known" : "passkey.refused") });
                }
                throw failure;
              }
            }}
          >
            <Field name="name" label={t("passkey.name")} hint={t("passkey.name.hint")} required maxLength={64} />
          </Form>
        </Dialog>
      )}
    </Card>
  );
}

export function FactorsPage() {
  const { value: factors, error, again } = useLoaded(read_factors);
  const [codes, set_codes] = useState<string[]>([]);
  const [failure, set_failure] = useState<unknown>(undefined);

  async function changed(fresh: string[] = []) {
    set_codes(fresh);
    await again();
    await find_session();
  }
  // Where the role needs a second factor, this login is for everything once it has proven one.
  function codes_kept() {
    set_codes([]);
    if (factors?.required && session.value?.login.strength === "single_factor") {
      void ask_for_proof();
    }
  }
  async function new_codes() {
    set_failure(undefined);
    try {
      await changed((await make_recovery_codes()).recovery_codes);
    } catch (problem) {
      set_failure(problem);
    }
  }
  return (
    <>
      <Head title={t("nav.factors")}>{t("factors.text")}</Head>
      <Trouble error={error} />
      {!factors && !error && <Waiting />}
      {factors && (
        <>
          {factors.required && !factors.second_factor && <Notice tone="warn">{t("factors.required")}</Notice>}
          {!factors.second_factor && <Notice>{t("factors.mail")}</Notice>}
          <Totp factors={factors} changed={changed} />
          <Passkeys changed={changed} />
          {factors.second_factor && (
            <Card
              title={t("factors.codes")}
              help={t("factors.codes.help")}
              action={<Badge tone={factors.recovery_codes_left > 2 ? "ok" : "warn"}>{count("codes.left", factors.recovery_codes_left)}</Badge>}
            >
              <Trouble error={failure} />
              <div class="row">
                <Button work={new_codes}>{t("codes.new")}</Button>
              </div>
            </Card>
          )}
        </>
      )}
      {codes.length > 0 && <Codes codes={codes} close={codes_kept} />}
    </>
  );
}
