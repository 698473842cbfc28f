// SPDX-License-Identifier: Apache-2.0
// A drawing for a thing whose photograph is not known here: one for each category.
import { type Category, categoryOf } from "./api";

const PATHS: Record<Category, string> = {
  Tools: "M14 26h30a6 6 0 0 1 6 6v4a6 6 0 0 1-6 6H30l-4 18H16l3-18h-5zM50 31h10v6H50M60 34h8M24 46l-2 10",
  Cameras: "M12 28h14l5-8h18l5 8h14v32H12zM40 34a10 10 0 1 0 .1 0M40 39a5 5 0 1 0 .1 0M60 34h2",
  Bikes: "M22 38a12 12 0 1 0 .1 0M58 38a12 12 0 1 0 .1 0M22 50l10-20h20l6 20M32 30l10 20H22M42 50l10-20M28 26h8M50 24h8",
  Vehicles: "M10 46l4-4 6-14h28l12 14 10 3v11h-6M24 56h30M10 46v10h4M19 50a6 6 0 1 0 .1 0M60 50a6 6 0 1 0 .1 0M34 28v14M16 42h44",
  Outdoors: "M40 18 12 62h56zM40 18v16M40 34 28 62M40 34l12 28M36 14l4 4 4-4M8 62h64",
  Events: "M14 22h52M18 22v28h44V22M40 50v8M30 64l10-6 10 6M28 42l8-10 6 6 4-4 6 8z",
  Rooms: "M12 62V32l28-16 28 16v30zM32 62V44h16v18M24 38h6M50 38h6",
  Other: "M40 16l24 12v26L40 66 16 54V28zM16 28l24 12 24-12M40 40v26",
};

export function Art({ category }: { category: string }) {
  return (
    <span class="art" aria-hidden="true">
      <svg viewBox="0 0 80 80">
        <path d={PATHS[categoryOf(category)]} />
      </svg>
    </span>
  );
}
