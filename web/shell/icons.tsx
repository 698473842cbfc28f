// SPDX-License-Identifier: Apache-2.0
// The icons: strokes on a 20-unit square in the current colour. They stand beside words and are
// hidden from readers.
const PATHS = {
  search: "M9 15.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM13.7 13.7 18 18",
  capture: "M10 3v9.5M6 9l4 4 4-4M3 13v3.5h14V13",
  pending: "M10 2.5A7.5 7.5 0 1 1 2.5 10M10 6v4l2.5 2.5",
  final: "M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15ZM6.7 10.2l2.3 2.3 4.4-4.8",
  failed: "M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15ZM7.4 7.4l5.2 5.2M12.6 7.4l-5.2 5.2",
  waiting: "M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15ZM7 10h6",
  live: "M3 10h3l2-5 4 10 2-5h3",
  stale: "M3 10h14",
  theme: "M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15ZM10 2.5v15M10 6l5.5-1M10 10h7.3M10 14l5.5 1",
  copy: "M7.5 7.5h9v9h-9zM12.5 7.5v-4h-9v9h4",
  done: "M4 10.5l4 4 8-9",
  meter: "M4 15a7.5 7.5 0 1 1 12 0M10 11.5l3-4M8 15h4",
  explorer: "M3 3h6v6H3zM11 11h6v6h-6zM9 6h5v5M6 9v5h5",
  contract: "M7 4 2.5 10 7 16M13 4l4.5 6-4.5 6M11 5.5l-2 9",
  firm: "M7 9a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM1.5 16.5a5.5 5.5 0 0 1 11 0M13 9a2.5 2.5 0 1 0 0-5M14.5 11.5a5 5 0 0 1 4 5",
  wallet: "M3 6.5h13.5v10H3zM3 6.5l10-3.5v3.5M13 11.5h3.5",
  send: "M4 16 16 4M8 4h8v8",
  receive: "M16 4 4 16M12 16H4V8",
  file: "M5 2.5h6.5L15 6v11.5H5zM11.5 2.5V6H15M7.5 10.5h5M7.5 13.5h5",
  next: "M7.5 4.5 13 10l-5.5 5.5",
  back: "M12.5 4.5 7 10l5.5 5.5",
  download: "M10 3v9.5M6 9l4 4 4-4M3.5 17h13",
  empty: "M3 11.5h4l1 2.5h4l1-2.5h4M3 11.5V17h14v-5.5L14.5 4h-9z",
  filter: "M3 5h14M6 10h8M8.5 15h3",
  object: "M10 2.5l6.5 3.7v7.6L10 17.5l-6.5-3.7V6.2zM3.5 6.2 10 10l6.5-3.8M10 10v7.5",
  aggregation: "M2.5 11h7v6.5h-7zM10.5 11h7v6.5h-7zM6.5 3h7v6.5h-7z",
  transaction: "M3 7h13l-3.5-3.5M17 13H4l3.5 3.5",
  transformation: "M3 4.5h2.5c4.5 0 4.5 11 9 11H17M3 15.5h2.5c1.5 0 2.5-1.2 3.3-2.7M14.5 13l2.5 2.5-2.5 2.5M11.5 6.8c.8-1.4 1.7-2.3 3-2.3H17",
  association: "M8.5 11.5a3.5 3.5 0 0 0 5 0l2.5-2.5a3.5 3.5 0 0 0-5-5l-1 1M11.5 8.5a3.5 3.5 0 0 0-5 0L4 11a3.5 3.5 0 0 0 5 5l1-1",
  correction: "M3.5 16.5l.8-3.6 9-9 2.8 2.8-9 9zM11.5 5.7l2.8 2.8",
} as const;
export type IconName = keyof typeof PATHS;

export function Icon({ name, turning }: { name: IconName; turning?: boolean }) {
  return (
    <svg class={turning ? "icon turning" : "icon"} viewBox="0 0 20 20" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

// 中文, drawn: a machine without a Chinese font shows two empty boxes for it.
export function ChineseName() {
  return (
    <svg class="icon" viewBox="0 0 40 20" aria-hidden="true" style={{ width: "32px", height: "16px" }}>
      <path d="M2.5 5.5h14v7h-14zM9.5 1.5v17M29.5 1.5 31 4M22.5 5.5h15M35 5.5c-1.5 6-6 10.5-12.5 12.5M25.5 5.5c1.5 6 5.5 10.5 12 12.5" />
    </svg>
  );
}

// The product's mark: a ring that a quorum closes.
export function Mark() {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="3">
      <path d="M12 2.5a9.5 9.5 0 0 1 9.5 9.5" class="mark-accent" />
      <path d="M19.8 17.450A9.5 9.5 0 1 1 8.750 3.070" />
      <circle cx="12" cy="12" r="2.5" fill="currentColor" stroke="none" />
    </svg>
  );
}
