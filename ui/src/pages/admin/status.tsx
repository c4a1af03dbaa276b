// How the services are, looked at again every few seconds.
import { useEffect } from "preact/hooks";
import { read_status } from "../../api/admin";
import { t } from "../../i18n/words";
import { Badge, Card, Head, Notice, type Tone, Trouble, Waiting } from "../../parts/basics";
import { useLoaded } from "../../parts/loaded";

const kLook = 5000;
const kTones: Record<string, Tone> = { ready: "ok", degraded: "warn", away: "danger", starting: "warn" };

export function StatusPage() {
  const { value, error, again } = useLoaded(read_status);
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") {
        void again();
      }
    }, kLook);
    return () => clearInterval(timer);
  }, [again]);
  return (
    <>
      <Head title={t("nav.status")}>{value ? t("status.version", { version: value.version }) : ""}</Head>
      <Trouble error={error} />
      {!value && !error && <Waiting />}
      {value && (
        <>
          <div role="status">
            <Notice tone={value.ready ? "ok" : "warn"}>{t(value.ready ? "status.ready" : "status.not_ready")}</Notice>
          </div>
          <div class="cards">
            {value.services.map((service) => {
              const failing = service.probes.filter((probe) => !probe.ok);
              return (
                <Card
                  key={`${service.host} ${service.service}`}
                  title={service.service}
                  action={<Badge tone={kTones[service.state] ?? ""}>{service.state}</Badge>}
                >
                  {service.message && <p class="small">{service.message}</p>}
                  <ul class="steps small">
                    {service.daemons.map((daemon) => (
                      <li key={daemon.name}>
                        <span class={`dot ${daemon.state === "ready" ? "ok" : "warn"}`} />
                        <span>
                          {daemon.name}
                          {daemon.state !== "ready" && ` · ${daemon.state}`}
                          {daemon.restarts > 0 && ` · ${t("status.restarts", { n: daemon.restarts })}`}
                        </span>
                      </li>
                    ))}
                  </ul>
                  {failing.map((probe) => (
                    <Notice key={probe.name} tone="danger">
                      <p>
                        <strong>{probe.name}</strong>
                      </p>
                      <p class="small break">{probe.message}</p>
                    </Notice>
                  ))}
                  {failing.length === 0 && <p class="soft small">{t("status.probes", { n: service.probes.length })}</p>}
                  {service.set_aside_count > 0 && <Notice tone="warn">{t("status.set_aside", { n: service.set_aside_count })}</Notice>}
                </Card>
              );
            })}
          </div>
        </>
      )}
    </>
  );
}
