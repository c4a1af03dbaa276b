// My data: a copy of all of it, and the end of the account.
import { useEffect, useState } from "preact/hooks";
import { begin_export, delete_account, read_export } from "../../api/account";
import type { Result } from "../../api/client";
import { date_time, size, t } from "../../i18n/words";
import { Button, Card, Head, Meter, Notice, Trouble, Waiting } from "../../parts/basics";
import { Dialog } from "../../parts/dialog";
import { Field, Form, PasswordField } from "../../parts/form";
import { useLoaded } from "../../parts/loaded";
import { session } from "../../state";

const kLook = 1500;

function Export() {
  const { value, error, again } = useLoaded(read_export);
  const [failure, set_failure] = useState<unknown>(undefined);
  const works = value?.state === "waiting" || value?.state === "running";
  useEffect(() => {
    if (!works) {
      return undefined;
    }
    const timer = setInterval(() => void again(), kLook);
    return () => clearInterval(timer);
  }, [works, again]);

  async function begin() {
    set_failure(undefined);
    try {
      await begin_export();
      await again();
    } catch (problem) {
      set_failure(problem);
    }
  }
  return (
    <Card title={t("export.title")} help={t("export.text")}>
      <Trouble error={failure ?? error} />
      {!value && !error && <Waiting />}
      {value && (
        <div role="status" class="stack">
          {works && (
            <>
              <Meter value={value.percent / 100} label={t("export.title")} />
              <p class="soft small">{t("export.works", { percent: value.percent })}</p>
            </>
          )}
          {value.state === "failed" && (
            <Notice tone="danger">
              <p>{t("export.failed")}</p>
              {value.words && <p class="small">{value.words}</p>}
            </Notice>
          )}
          {value.state === "ready" && (
            <Notice tone="ok">
              <p>{t("export.ready", { size: size(value.bytes) })}</p>
              <p class="small soft">{value.expires && t("export.until", { when: date_time(value.expires) })}</p>
            </Notice>
          )}
          <div class="row">
            {value.state === "ready" && (
              <a class="button" href="/api/account/export/file" download={value.file}>
                {t("export.download")}
              </a>
            )}
            {!works && <Button work={begin}>{t(value.state === "none" ? "export.begin" : "export.again")}</Button>}
          </div>
        </div>
      )}
    </Card>
  );
}

function Delete({ close }: { close: () => void }) {
  const [done, set_done] = useState<Result<typeof delete_account> | undefined>(undefined);
  function leave() {
    session.value = null;
    close();
  }
  if (done) {
    return (
      <Dialog title={t("delete.done.title")} close={leave}>
        <p>{t("delete.done.text", { when: date_time(done.erased) })}</p>
        <div class="ends">
          <button type="button" class="main" onClick={leave}>
            {t("done")}
          </button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={t("delete.title")} close={close}>
      <p>{t("delete.text")}</p>
      <Form
        button={t("delete.button")}
        danger
        aside={
          <button type="button" onClick={close}>
            {t("cancel")}
          </button>
        }
        send={async (values) => {
          set_done(await delete_account(values.current_password ?? ""));
        }}
      >
        <Field name="email" label={t("delete.email")} value={session.value?.email} readOnly />
        <PasswordField name="current_password" label={t("password.current")} autocomplete="current-password" />
      </Form>
    </Dialog>
  );
}

export function DataPage() {
  const [deleting, set_deleting] = useState(false);
  return (
    <>
      <Head title={t("nav.data")}>{t("data.text")}</Head>
      <Export />
      <Card danger title={t("delete.card")} help={t("delete.help")}>
        <div class="row">
          <button type="button" class="danger" onClick={() => set_deleting(true)}>
            {t("delete.begin")}
          </button>
        </div>
      </Card>
      {deleting && <Delete close={() => set_deleting(false)} />}
    </>
  );
}
