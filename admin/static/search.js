// What was found is gone as soon as the field says something newer, and an answer to the older
// words does not bring it back: nobody is booked who was not looked for.
addEventListener("input", ({ target: field }) => {
  if (!field.matches("[data-search]")) return;
  htmx.trigger(field, "htmx:abort");
  document.querySelector(field.getAttribute("hx-target")).replaceChildren();
});
