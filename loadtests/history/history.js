// Shows the runs that the filters let through, and offers the trends of these.
"use strict";
(() => {
  const filters = [...document.querySelectorAll("select[data-filter]")];
  const rows = [...document.querySelectorAll("#runs tr[data-scenario]")];
  const shown = document.querySelector("[data-shown]");
  const trends = document.querySelector("select[data-plot=trend]");

  function passes(data) {
    return filters.every(({ value, dataset }) => !value || !(dataset.filter in data) || data[dataset.filter] === value);
  }

  function offer() {
    const before = trends.value;
    for (const option of trends.options) option.hidden = option.disabled = !passes(option.dataset);
    const first = [...trends.options].find((option) => !option.disabled);
    document.getElementById("trend").hidden = !first;
    if (!first) return;
    if (!trends.value || trends.selectedOptions[0].disabled) trends.value = first.value;
    if (trends.value !== before) trends.dispatchEvent(new Event("change"));
  }

  function apply() {
    for (const row of rows) row.hidden = !passes(row.dataset);
    const count = rows.filter((row) => !row.hidden).length;
    shown.textContent = count < rows.length ? `${count} of ${rows.length}` : "";
    if (trends) offer();
  }

  filters.forEach((filter) => filter.addEventListener("change", apply));
  apply();
})();
