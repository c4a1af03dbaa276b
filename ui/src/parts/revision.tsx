// What became of a change, live: which services have applied it, and what one said that refused it.
import { useEffect, useState } from "preact/hooks";
import { read_revision } from "../api/admin";
import { Problem, type Result } from "../api/client";
import { t } from "../i18n/words";
import { Trouble } from "./basics";

type Revision = Result<typeof read_revision>;

const kWait = 20;
// The change may reload the web server through which the answers come: some may be lost.
const kTries = 5;
const kPause = 1000;
const kTones: Record<string, string> = { applied: "ok", refused: "danger", pending: "warn busy" };

export function RevisionState({ number }: { number: number }) {
  const [revision, set_revision] = useState<Revision | undefined>(undefined);
  const [error, set_error] = useState<unknown>(undefined);
  useEffect(() => {
    let gone = false;
    async function ask(wait: number) {
      for (let tries = 1; ; ++tries) {
        try {
          return await read_revision(number, wait);
        } catch (failure) {
          const lost = failure instanceof Problem && (failure.status === 0 || failure.status >= 502);
          if (!lost || gone || tries === kTries) {
            throw failure;
          }
          await new Promise((again) => setTimeout(again, kPause));
        }
      }
    }
    async function follow() {
      try {
        // At once what is known, then again each time that it may have changed.
        for (let wait = 0; !gone; wait = kWait) {
          const seen = await ask(wait);
          if (gone) {
            return;
          }
          set_revision(seen);
          if (seen.state !== "pending") {
            return;
          }
        }
      } catch (failure) {
        set_error(failure);
      }
    }
    void follow();
    return () => {
      gone = true;
    };
  }, [number]);

  const outcomes = revision?.services ?? [];
  return (
    <div role="status">
      <Trouble error={error} />
      <ul class="steps">
        {outcomes.map((outcome) => (
          <li key={outcome.service}>
            <span class={`dot ${kTones[outcome.state] ?? ""}`} />
            <span>
              {outcome.state === "applied" && t("revision.applied", { service: outcome.service })}
              {outcome.state === "pending" && t("revision.pending", { service: outcome.service })}
              {outcome.state === "refused" && t("revision.refused", { service: outcome.service })}
              {outcome.message && <span class="soft small break"> {outcome.message}</span>}
            </span>
          </li>
        ))}
        {!revision && !error && (
          <li>
            <span class="dot warn busy" />
            <span>{t("revision.asking")}</span>
          </li>
        )}
        {revision && outcomes.length === 0 && (
          <li>
            <span class="dot ok" />
            <span>{t("revision.done")}</span>
          </li>
        )}
      </ul>
    </div>
  );
}
