// Tokens for programs: what each may do, and for how long.
import { useState } from "preact/hooks";
import type { Item, Result } from "../../api/client";
import { list_tokens, make_token, remove_token } from "../../api/tokens";
import { type Key, t } from "../../i18n/words";
import { Card, Head, Secret, Time, Trouble, Waiting } from "../../parts/basics";
import { confirm_first } from "../../parts/dialog";
import { Field, Form, Select } from "../../parts/form";
import { useLoaded } from "../../parts/loaded";
import { administers } from "../../state";

type Token = Item<typeof list_tokens>;

const kDay = 86400;
const kLifetimes = [7, 30, 90, 365];
const kAreas = ["account", "users", "domains", "dns", "mail", "certificates", "system", "audit"];

function Line({ one, changed }: { one: Token; changed: () => Promise<void> }) {
  return (
    <li>
      <div class="what">
        <strong>{one.name}</strong> <span class="soft small">{one.scopes.join(", ")}</span>
        <div class="soft small">
          {one.last_used ? (
            <>
              {t("app.used")} <Time at={one.last_used} otherwise={t("never")} />
              {one.last_address && ` · ${one.last_address}`}
            </>
          ) : (
            t("app.never_used")
          )}
          {" · "}
          {t("sessions.until")} <Time at={one.expires} />
          {one.networks.length > 0 && ` · ${t("tokens.from")} ${one.networks.join(", ")}`}
        </div>
      </div>
      <button
        type="button"
        class="quiet danger small"
        onClick={() =>
          confirm_first({
            title: t("tokens.remove.title", { name: one.name }),
            text: <p>{t("tokens.remove.text")}</p>,
            button: t("remove"),
            danger: true,
            work: async () => {
              await remove_token(one.id);
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

export function TokensPage() {
  const { value, error, again } = useLoaded(list_tokens);
  const [made, set_made] = useState<Result<typeof make_token> | undefined>(undefined);
  const areas = administers() ? kAreas : ["account", "mail"];
  return (
    <>
      <Head title={t("nav.tokens")}>{t("tokens.text")}</Head>
      {made && (
        <Card title={t("tokens.made", { name: made.name })} help={t("once")}>
          <Secret text={made.token} name={t("tokens.token")} />
          <div class="row">
            <button type="button" onClick={() => set_made(undefined)}>
              {t("done")}
            </button>
          </div>
        </Card>
      )}
      <Card title={t("tokens.list")}>
        <Trouble error={error} />
        {!value && !error && <Waiting />}
        {value && value.items.length === 0 && <p class="soft">{t("tokens.none")}</p>}
        {value && value.items.length > 0 && (
          <ul class="things">
            {value.items.map((one) => (
              <Line key={one.id} one={one} changed={again} />
            ))}
          </ul>
        )}
      </Card>
      <Card title={t("tokens.new")} help={t("tokens.new.text")}>
        <Form
          button={t("tokens.new.button")}
          send={async (values, form) => {
            const scopes = areas.map((area) => ({ area, access: values[`scope_${area}`] })).filter(({ access }) => access);
            const networks = (values.networks ?? "").split(/[\s,]+/).filter(Boolean);
            set_made(
              await make_token({
                name: (values.name ?? "").trim(),
                scopes: scopes.map(({ area, access }) => `${area}:${access}`),
                ...(networks.length > 0 && { networks }),
                lifetime: Number(values.lifetime) * kDay,
              }),
            );
            form.reset();
            scrollTo({ top: 0 });
            await again();
          }}
        >
          <Field name="name" label={t("tokens.name")} hint={t("tokens.name.hint")} required maxLength={64} />
          <fieldset class="field">
            <legend class="field-name">{t("tokens.scopes")}</legend>
            <div class="scopes">
              {areas.map((area) => (
                <label key={area} class="scope">
                  <span>{t(`area.${area}` as Key)}</span>
                  <select name={`scope_${area}`}>
                    <option value="">{t("scope.none")}</option>
                    <option value="read">{t("scope.read")}</option>
                    <option value="write">{t("scope.write")}</option>
                  </select>
                </label>
              ))}
            </div>
          </fieldset>
          <Select name="lifetime" label={t("tokens.lifetime")} chosen="90">
            {kLifetimes.map((days) => (
              <option key={days} value={days}>
                {t(`lifetime.${days}` as Key)}
              </option>
            ))}
          </Select>
          <Field name="networks" label={t("tokens.networks")} hint={t("tokens.networks.hint")} autocapitalize="none" spellcheck={false} />
        </Form>
      </Card>
    </>
  );
}
