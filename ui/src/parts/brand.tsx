// Who serves these pages: the mark and the server's name, which breaks at its dots.
import { Fragment } from "preact";

export function Brand({ to }: { to: string }) {
  return (
    <a class="brand" href={to}>
      <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
        <path class="body" d="M4 12C4 7.600 7.600 4 12 4h8c4.400 0 8 3.600 8 8v8c0 4.400-3.600 8-8 8h-8c-4.400 0-8-3.600-8-8z" />
        <g class="peas">
          <circle cx="10.500" cy="21.500" r="3" />
          <circle cx="16" cy="16" r="3.500" />
          <circle cx="21.500" cy="10.500" r="3" />
        </g>
      </svg>
      <span class="host">
        {location.hostname.split(".").map((label, at) => (
          <Fragment key={at}>
            {at > 0 && (
              <>
                .<wbr />
              </>
            )}
            {label}
          </Fragment>
        ))}
      </span>
    </a>
  );
}
