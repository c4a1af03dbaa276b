// Dialogs are the browser's own: they keep the focus inside, and Escape closes them.
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { t } from "../i18n/words";
import { Button, Trouble } from "./basics";

export function Dialog({ title, close, children }: { title: string; close: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (opener instanceof HTMLElement) {
        opener.focus();
      }
    };
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={close}>
      <div class="inside">
        <h2 id={id}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

interface Question {
  title: string;
  text: ComponentChildren;
  button: string;
  danger?: boolean;
  // What the button does; it throws a Problem when that fails.
  work: () => Promise<unknown>;
}
const question = signal<Question | undefined>(undefined);

// Asks before something that cannot be undone.
export function confirm_first(asked: Question) {
  question.value = asked;
}

export function Confirmation() {
  const [error, set_error] = useState<unknown>(undefined);
  const asked = question.value;
  if (!asked) {
    return null;
  }
  function close() {
    set_error(undefined);
    question.value = undefined;
  }
  async function work() {
    set_error(undefined);
    try {
      await asked?.work();
      close();
    } catch (failure) {
      set_error(failure);
    }
  }
  return (
    <Dialog title={asked.title} close={close}>
      <div class="stack tight">{asked.text}</div>
      <Trouble error={error} />
      <div class="ends">
        <button type="button" onClick={close}>
          {t("cancel")}
        </button>
        <Button class={asked.danger ? "main danger" : "main"} work={work}>
          {asked.button}
        </Button>
      </div>
    </Dialog>
  );
}
