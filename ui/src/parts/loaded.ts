// Something that a page reads from the server: its value, what went wrong, and how to read it again.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";

export interface Loaded<Value> {
  value: Value | undefined;
  error: unknown;
  again: () => Promise<void>;
}

export function useLoaded<Value>(read: () => Promise<Value>, depends: unknown[] = []): Loaded<Value> {
  const [state, set_state] = useState<{ value?: Value; error?: unknown }>({});
  // Only the last reading counts, however late an earlier one answers.
  const turn = useRef(0);
  const again = useCallback(async () => {
    turn.current += 1;
    const mine = turn.current;
    try {
      const value = await read();
      if (mine === turn.current) {
        set_state({ value });
      }
    } catch (error) {
      if (mine === turn.current) {
        set_state((before) => ({ ...before, error }));
      }
    }
  }, depends);
  useEffect(() => {
    void again();
    return () => {
      turn.current += 1;
    };
  }, [again]);
  return { value: state.value, error: state.error, again };
}
