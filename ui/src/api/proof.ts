// "Are you still you?": the frame of the pages shows a dialog and answers here. A module of its own,
// since the client asks and the dialog uses the client.
let asker: () => Promise<boolean> = () => Promise.resolve(false);

export function set_asker(ask: () => Promise<boolean>) {
  asker = ask;
}

// True when the person has proven themselves, false when they gave up. One dialog at a time.
let asking: Promise<boolean> | undefined;
export function ask_for_proof(): Promise<boolean> {
  asking ??= asker().finally(() => {
    asking = undefined;
  });
  return asking;
}
