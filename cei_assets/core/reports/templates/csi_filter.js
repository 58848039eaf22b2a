(() => {
  const form = document.getElementById("filter");
  const table = document.getElementById("uploads");
  if (!form || !table) return;
  const rows = Array.from(table.tBodies[0].rows, row => ({
    row, cells: Array.from(row.cells, cell => cell.textContent.trim())
  }));
  const fields = Array.from(form.querySelectorAll("[data-column]"));
  const apply = () => {
    const wanted = fields
      .map(field => [Number(field.dataset.column), field.value.trim(), field.dataset.match])
      .filter(([, value]) => value !== "");
    let shown = 0;
    for (const {row, cells} of rows) {
      const fits = wanted.every(([column, value, match]) => match === "part"
        ? cells[column].toLowerCase().includes(value.toLowerCase())
        : cells[column] === (value === "none" ? "" : value));
      row.hidden = !fits;
      shown += fits;
    }
    form.querySelector("output").textContent = `${shown} of ${rows.length} uploads`;
  };
  form.addEventListener("input", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", event => event.preventDefault());
  form.hidden = false;
  apply();
})();
