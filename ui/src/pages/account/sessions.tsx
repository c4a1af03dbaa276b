// Where I am logged in with a browser.
import type { Item } from "../../api/client";
import { end_other_sessions, end_session, list_sessions } from "../../api/sessions";
import { t } from "../../i18n/words";
import { Badge, Card, Head, Time, Trouble, Waiting } from "../../parts/basics";
import { confirm_first } from "../../parts/dialog";
import { useLoaded } from "../../parts/loaded";

type Session = Item<typeof list_sessions>;

// "Firefox, Linux" of what the browser calls itself. Good enough to tell one's own devices apart.
export function browser_of(agent: string): string {
  const browsers: [RegExp, string][] = [
    [/Edg(e|A|iOS)?\//, "Edge"],
    [/OPR\//, "Opera"],
    [/(Firefox|FxiOS)\//, "Firefox"],
    [/(HeadlessChrome|Chrome|CriOS)\//, "Chrome"],
    [/Safari\//, "Safari"],
  ];
  const systems: [RegExp, string][] = [
    [/iPhone/, "iPhone"],
    [/iPad/, "iPad"],
    [/Android/, "Android"],
    [/Windows/, "Windows"],
    [/Mac OS X/, "macOS"],
    [/CrOS/, "ChromeOS"],
    [/Linux/, "Linux"],
  ];
  const find = (list: [RegExp, string][]) => list.find(([pattern]) => pattern.test(agent))?.[1];
  return [find(browsers), find(systems)].filter(Boolean).join(", ") || agent || t("sessions.unknown");
}

function Line({ one, changed }: { one: Session; changed: () => Promise<void> }) {
  const name = browser_of(one.agent);
  return (
    <li>
      <div class="what">
        <strong title={one.agent}>{name}</strong>{" "}
        {one.strength === "multi_factor" && <Badge>{t("sessions.strong")}</Badge>}
        <div class="soft small">
          {one.last_address || one.address}
          {" · "}
          {t("sessions.used")} <Time at={one.last_used} />
          {" · "}
          {t("sessions.until")} <Time at={one.expires} />
        </div>
      </div>
      {one.current ? (
        <Badge tone="ok">{t("sessions.this")}</Badge>
      ) : (
        <button
          type="button"
          class="quiet danger small"
          onClick={() =>
            confirm_first({
              title: t("sessions.end.title", { name }),
              text: <p>{t("sessions.end.text")}</p>,
              button: t("sessions.end"),
              danger: true,
              work: async () => {
                await end_session(one.id);
                await changed();
              },
            })
          }
        >
          {t("sessions.end")}
          <span class="unseen"> {name}</span>
        </button>
      )}
    </li>
  );
}

export function SessionsPage() {
  const { value, error, again } = useLoaded(list_sessions);
  const others = value?.items.filter((one) => !one.current) ?? [];
  return (
    <>
      <Head title={t("nav.sessions")}>{t("sessions.text")}</Head>
      <Card
        title={t("sessions.list")}
        action={
          others.length > 0 && (
            <button
              type="button"
              class="danger small"
              onClick={() =>
                confirm_first({
                  title: t("sessions.end_others.title"),
                  text: <p>{t("sessions.end_others.text")}</p>,
                  button: t("sessions.end_others"),
                  danger: true,
                  work: async () => {
                    await end_other_sessions();
                    await again();
                  },
                })
              }
            >
              {t("sessions.end_others")}
            </button>
          )
        }
      >
        <Trouble error={error} />
        {!value && !error && <Waiting />}
        {value && (
          <ul class="things">
            {value.items.map((one) => (
              <Line key={one.id} one={one} changed={again} />
            ))}
          </ul>
        )}
      </Card>
    </>
  );
}
