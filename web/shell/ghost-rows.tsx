// SPDX-License-Identifier: Apache-2.0
// The place of a list while it is asked for.
export function GhostRows() {
  return (
    <ul class="rows" aria-hidden="true">
      {[0, 1, 2, 3, 4].map((i) => (
        <li class="row" key={i}>
          <span class="row-icon ghost-icon" />
          <span class="row-what">
            <span class="ghost" style={{ width: `${40 - 4 * i}%` }} />
            <span class="ghost small" style={{ width: `${72 - 6 * i}%` }} />
          </span>
        </li>
      ))}
    </ul>
  );
}
