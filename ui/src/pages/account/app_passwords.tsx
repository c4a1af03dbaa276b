// One password for each device, so that a lost phone is one line to remove.
import { useState } from "preact/hooks";
import { list_app_passwords, make_app_password, remove_app_password } from "../../api/app_passwords";
import type { Item, Result } from "../../api/client";
import { t } from "../../i18n/words";
import { Badge, Card, Head, Secret, Time, Trouble, Waiting } from "../../parts/basics";
import { confirm_first } from "../../parts/dialog";
import { Choice, Field, Form } from "../../parts/form";
import { useLoaded } from "../../parts/loaded";

type AppPassword = Item<typeof list_app_passwords>;
type Made = Result<typeof make_app_password>;

const kProtocols = ["imap", "pop3", "smtp", "sieve"] as const;

function Line({ one, changed }: { one: AppPassword; changed: () => Promise<void> }) {
  return (
    <li>
      <div class="what">
        <strong>{one.name}</strong> <span class="soft small">{one.protocols.join(", ")}</span>
        <div class="soft small">
          {t("app.created")} <Time at={one.created} />
          {" · "}
          {one.last_used ? (
            <>
              {t("app.used")} <Time at={one.last_used} />
              {one.last_address && ` · ${one.last_address}`}
              {one.last_protocol && ` · ${one.last_protocol}`}
            </>
          ) : (
            t("app.never_used")
          )}
        </div>
      </div>
      <button
        type="button"
        class="quiet danger small"
        onClick={() =>
          confirm_first({
            title: t("app.remove.title", { name: one.name }),
            text: <p>{t("app.remove.text")}</p>,
            button: t("remove"),
            danger: true,
            work: async () => {
              await remove_app_password(one.id);
              await changed();
            },
          })
        }
      >
        {t("remove")}
        <span class="unseen"> {one.name}</span>
      </button>
    </li>
  );
}

export function AppPasswordsPage() {
  const { value, error, again } = useLoaded(list_app_passwords);
  const [made, set_made] = useState<Made | undefined>(undefined);
  return (
    <>
      <Head title={t("nav.app_passwords")}>{t("app.text")}</Head>
      {made && (
        <Card title={t("app.made.title", { name: made.name })} help={t("once")}>
          <Secret text={made.password} name={t("app.password")} />
          <div class="row">
            <button type="button" onClick={() => set_made(undefined)}>
              {t("done")}
            </button>
          </div>
        </Card>
      )}
      <Card title={t("app.list")}>
        <Trouble error={error} />
        {!value && !error && <Waiting />}
        {value && value.items.length === 0 && <p class="soft">{t("app.none")}</p>}
        {value && value.items.length > 0 && (
          <ul class="things">
            {value.items.map((one) => (
              <Line key={one.id} one={one} changed={again} />
            ))}
          </ul>
        )}
      </Card>
      <Card title={t("app.new")} help={t("app.new.text")} action={<Badge>{t("app.random")}</Badge>}>
        <Form
          button={t("app.new.button")}
          send={async (values, form) => {
            const protocols = kProtocols.filter((protocol) => values[`for_${protocol}`]);
            set_made(await make_app_password((values.name ?? "").trim(), protocols));
            form.reset();
            scrollTo({ top: 0 });
            await again();
          }}
        >
          <Field name="name" label={t("device.name")} hint={t("device.name.hint")} required maxLength={64} />
          <fieldset class="field">
            <legend class="field-name">{t("app.for")}</legend>
            <div class="choices">
              {kProtocols.map((protocol) => (
                <Choice key={protocol} name={`for_${protocol}`} label={t(`protocol.${protocol}`)} defaultChecked={protocol !== "pop3"} />
              ))}
            </div>
          </fieldset>
        </Form>
      </Card>
    </>
  );
}
