"use strict";
// Sorting and searching in the page itself: nothing is loaded, nothing is kept, nothing leaves it.
(function () {
  var order = new Intl.Collator(document.documentElement.lang, { numeric: true, sensitivity: "base" });
  function value(row, column) {
    var cell = row.cells[column];
    return cell.dataset.value || cell.textContent.trim();
  }
  function sort(table, column, down) {
    var body = table.tBodies[0];
    var rows = Array.prototype.slice.call(body.rows);
    rows.sort(function (one, other) {
      return order.compare(value(one, column), value(other, column)) * (down ? -1 : 1);
    });
    rows.forEach(function (row) { body.appendChild(row); });
  }
  document.querySelectorAll("table").forEach(function (table) {
    var heads = table.tHead.rows[0].cells;
    Array.prototype.forEach.call(heads, function (head, column) {
      // Not a real button: browsers leave those out where a head is repeated on paper.
      var button = document.createElement("span");
      button.setAttribute("role", "button");
      button.tabIndex = 0;
      while (head.firstChild) { button.appendChild(head.firstChild); }
      head.appendChild(button);
      function turn() {
        var down = head.getAttribute("aria-sort") === "ascending";
        Array.prototype.forEach.call(heads, function (each) { each.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        sort(table, column, down);
      }
      button.addEventListener("click", turn);
      button.addEventListener("keydown", function (event) {
        if (event.key === "Enter" || event.key === " ") { event.preventDefault(); turn(); }
      });
    });
  });
  var search = document.querySelector(".search");
  if (!search) { return; }
  search.hidden = false;
  search.querySelector("input").addEventListener("input", function () {
    var words = this.value.toLowerCase().split(/\s+/);
    document.querySelectorAll("section").forEach(function (section) {
      var rows = section.querySelectorAll("tbody tr");
      var shown = 0;
      rows.forEach(function (row) {
        var text = row.textContent.toLowerCase();
        var fits = words.every(function (word) { return text.indexOf(word) >= 0; });
        row.hidden = !fits;
        shown += fits ? 1 : 0;
      });
      if (rows.length) { section.hidden = shown === 0; }
    });
  });
})();
