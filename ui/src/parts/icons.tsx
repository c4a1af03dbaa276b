// The few pictures of the navigation, as paths on a grid of 24.
const kPaths = {
  home: "M4 11l8-7 8 7v8a1 1 0 0 1-1 1h-5v-6h-4v6H5a1 1 0 0 1-1-1z",
  mail: "M4 6h16a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1zM3.500 7l8.500 6 8.500-6",
  key: "M14.500 9.500a4 4 0 1 0-3.600 5.200L12.500 13H15v-2.500h2.500V8l2-2V4h-2z",
  shield: "M12 3l7 3v5.500c0 4.500-3 7.800-7 9.500-4-1.700-7-5-7-9.500V6zM9 12l2.200 2.200L15.500 10",
  device: "M8 3h8a1 1 0 0 1 1 1v16a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM11 18h2",
  browser: "M4 5h16a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM3 9.500h18M6 7.300h.01M8.500 7.300h.01",
  code: "M9 8l-4 4 4 4M15 8l4 4-4 4",
  back: "M12 21a9 9 0 1 0-8.500-6M3 20v-5h5M12 8v4.500l3 1.500",
  box: "M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8",
  people: "M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM2.500 20c.5-3.500 3-5.500 6.500-5.500s6 2 6.500 5.500M16 4.500a3.300 3.300 0 0 1 0 6M18.500 15.200c1.600.8 2.600 2.400 3 4.800",
  globe: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM3 12h18M12 3c2.500 2.600 3.600 5.600 3.600 9s-1.100 6.400-3.600 9c-2.500-2.600-3.600-5.600-3.600-9S9.500 5.600 12 3z",
  list: "M5 6h.01M5 12h.01M5 18h.01M9 6h11M9 12h11M9 18h11",
  pulse: "M3 12h4l2.500-7 5 14 2.500-7h4",
  door: "M5 21V4a1 1 0 0 1 1-1h9a1 1 0 0 1 1 1v17M3 21h18M12.500 12h.01",
  steps: "M4 18h5v-5h5V8h6",
  menu: "M4 7h16M4 12h16M4 17h16",
} as const;
export type IconName = keyof typeof kPaths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      <path d={kPaths[name]} />
    </svg>
  );
}
