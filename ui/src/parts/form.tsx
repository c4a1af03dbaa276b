// Forms. A fault stands at its field, with the API's remedy; what belongs to no field stands above
// all. The browser's own checks come first, in our words.
import { type ComponentChildren, createContext, type InputHTMLAttributes, type PartialInputHTMLAttributes } from "preact";
import { useContext, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Fault, Problem } from "../api/client";
import { sentence, t, words_of_code } from "../i18n/words";
import { Trouble } from "./basics";

interface FormState {
  faults: Record<string, Fault>;
  seen: Set<string>;
}
const FormContext = createContext<FormState>({ faults: {}, seen: new Set() });

export type Values = Record<string, string>;

interface FormProps {
  // Throws a Problem when it fails.
  send: (values: Values, form: HTMLFormElement) => Promise<void>;
  button: string;
  // Beside the button.
  aside?: ComponentChildren;
  wide?: boolean;
  danger?: boolean;
  children: ComponentChildren;
}

function native_fault(input: HTMLInputElement): Fault | undefined {
  const { validity } = input;
  if (validity.valid) {
    return undefined;
  }
  let message = t("fault.form");
  if (validity.valueMissing) {
    message = t("fault.missing");
  } else if (validity.typeMismatch) {
    message = t("fault.email");
  } else if (validity.tooShort) {
    message = t("fault.short", { n: input.minLength });
  }
  return { field: input.name, code: "", message, remedy: "" };
}

export function Form({ send, button, aside, wide, danger, children }: FormProps) {
  const [busy, set_busy] = useState(false);
  const [faults, set_faults] = useState<Record<string, Fault>>({});
  const [problem, set_problem] = useState<unknown>(undefined);
  const form = useRef<HTMLFormElement>(null);
  const seen = useRef(new Set<string>());

  function show_faults(found: Fault[]) {
    set_faults(Object.fromEntries(found.map((fault) => [fault.field, fault])));
    const first = found[0]?.field;
    const input = first && form.current?.elements.namedItem(first);
    if (input instanceof HTMLElement) {
      input.focus();
    }
  }

  async function submit(event: Event) {
    event.preventDefault();
    const element = form.current;
    if (busy || !element) {
      return;
    }
    set_problem(undefined);
    const inputs = [...element.elements] as HTMLInputElement[];
    const wrong = inputs.filter((input) => input.name).map(native_fault).filter((fault) => fault !== undefined);
    show_faults(wrong);
    if (wrong.length > 0) {
      return;
    }
    set_busy(true);
    try {
      await send(Object.fromEntries(new FormData(element)) as Values, element);
    } catch (error) {
      // Faults of fields that this form does not show go above it with the rest.
      const own = error instanceof Problem ? error.faults.filter((fault) => seen.current.has(fault.field)) : [];
      show_faults(own);
      set_problem(own.length > 0 && own.length === (error as Problem).faults.length ? undefined : error);
    } finally {
      set_busy(false);
    }
  }

  return (
    <FormContext.Provider value={{ faults, seen: seen.current }}>
      <form ref={form} onSubmit={submit} noValidate>
        <Trouble error={problem} />
        {children}
        <div class={wide ? "stack" : "row"}>
          <button type="submit" class={`main ${danger ? "danger" : ""} ${wide ? "wide" : ""}`} aria-disabled={busy}>
            {busy && <span class="spin" />}
            {button}
          </button>
          {aside}
        </div>
      </form>
    </FormContext.Provider>
  );
}

function FaultLine({ id, fault }: { id: string; fault: Fault }) {
  const words = words_of_code(fault.code);
  return (
    <span class="fault" id={id}>
      <span>{words || [fault.message, fault.remedy].filter(Boolean).map(sentence).join(" ")}</span>
    </span>
  );
}

interface FieldProps {
  name: string;
  label: string;
  hint?: ComponentChildren;
}
type Attributes = Omit<PartialInputHTMLAttributes<HTMLInputElement>, "name" | "label" | "type" | "role">;
type InputProps = FieldProps & Attributes & { type?: "text" | "email" | "number" };

// Preact's types want to know of each attribute whether the type of the input may have it.
function Input({ type, ...more }: Attributes & { type: string; name: string }) {
  return <input {...({ ...more, type } as InputHTMLAttributes)} />;
}

function useField(name: string, hint: ComponentChildren) {
  const { faults, seen } = useContext(FormContext);
  seen.add(name);
  const id = useId();
  const fault = faults[name];
  const described = [fault && `${id}-fault`, hint && `${id}-hint`].filter(Boolean).join(" ");
  return {
    id,
    fault,
    input: { id, name, "aria-invalid": fault ? true : undefined, "aria-describedby": described || undefined },
  };
}

function Around({ id, label, hint, fault, children }: { id: string; label: string; hint: ComponentChildren; fault: Fault | undefined; children: ComponentChildren }) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      {fault && <FaultLine id={`${id}-fault`} fault={fault} />}
      {hint && (
        <span class="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
    </div>
  );
}

export function Field({ name, label, hint, ...more }: InputProps) {
  const { id, fault, input } = useField(name, hint);
  return (
    <Around id={id} label={label} hint={hint} fault={fault}>
      <Input type="text" {...more} {...input} />
    </Around>
  );
}

// With a button that shows what was typed.
export function PasswordField({ name, label, hint, ...more }: InputProps) {
  const { id, fault, input } = useField(name, hint);
  const [shown, set_shown] = useState(false);
  return (
    <Around id={id} label={label} hint={hint} fault={fault}>
      <div class="with-button">
        <Input autocapitalize="none" spellcheck={false} required {...more} {...input} type={shown ? "text" : "password"} />
        <button type="button" class="quiet" aria-pressed={shown} aria-controls={id} onClick={() => set_shown(!shown)}>
          {shown ? t("hide") : t("show")}
          <span class="unseen"> {label}</span>
        </button>
      </div>
    </Around>
  );
}

// For password managers: whose password this form is about.
export function KnownUser({ email }: { email: string | undefined }) {
  return <input class="unseen" type="email" autocomplete="username" value={email} readOnly tabIndex={-1} aria-hidden="true" />;
}

export function CodeField(props: InputProps) {
  return <Field autocomplete="one-time-code" autocapitalize="none" spellcheck={false} required class="code" {...props} />;
}

// `chosen` is what it begins with. As an attribute it would undo the person's choice whenever the form
// is drawn again.
export function Select({ name, label, hint, chosen, children }: FieldProps & { chosen?: string; children: ComponentChildren }) {
  const { id, fault, input } = useField(name, hint);
  const select = useRef<HTMLSelectElement>(null);
  useLayoutEffect(() => {
    if (select.current && chosen !== undefined) {
      select.current.value = chosen;
    }
  }, [chosen]);
  return (
    <Around id={id} label={label} hint={hint} fault={fault}>
      <select ref={select} {...input}>
        {children}
      </select>
    </Around>
  );
}

// The part before @ and a domain out of a list; `name` stands for both in faults.
export function AddressField({ name, label, hint, domains }: FieldProps & { domains: string[] }) {
  const { id, fault, input } = useField(name, hint);
  return (
    <Around id={id} label={label} hint={hint} fault={fault}>
      <div class="address">
        <input type="text" required autocapitalize="none" spellcheck={false} autocomplete="off" {...input} />
        <span class="at" aria-hidden="true">@</span>
        {domains.length === 1 ? (
          <span class="domain">
            {domains[0]}
            <input type="hidden" name={`${name}_domain`} value={domains[0]} />
          </span>
        ) : (
          <select name={`${name}_domain`} aria-label={t("domain")}>
            {domains.map((domain) => (
              <option key={domain}>{domain}</option>
            ))}
          </select>
        )}
      </div>
    </Around>
  );
}
// The address that an AddressField holds.
export function address_of(values: Values, name: string): string {
  const before = (values[name] ?? "").trim();
  return before.includes("@") ? before : `${before}@${values[`${name}_domain`]}`;
}

export function Choice({ name, label, hint, ...more }: InputProps) {
  const id = useId();
  return (
    <label class="choice" for={id}>
      <Input {...more} type="checkbox" name={name} id={id} />
      <span>
        {label}
        {hint && <span class="hint">{hint}</span>}
      </span>
    </label>
  );
}
