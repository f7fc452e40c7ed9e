// Choosing a picture or a file. The server looks at what it holds; this only spares a way in vain.

export const MOST = 10 * 1024 * 1024; // bytes
export const ACCEPTED = [
  "image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf",
  "audio/ogg", "audio/mpeg", "audio/mp4", "audio/x-m4a", "video/mp4",
];
const byId = (id) => document.getElementById(id);

// `attach(file)` is called with what was chosen.
export function dialog(attach) {
  const asking = byId("attaching");
  byId("file").accept = ACCEPTED.join(",");
  byId("attach").addEventListener("click", () => asking.showModal());
  byId("take_photo").addEventListener("click", () => byId("camera").click());
  byId("choose_file").addEventListener("click", () => byId("file").click());
  for (const input of [byId("camera"), byId("file")]) {
    input.addEventListener("change", () => {
      const [file] = input.files;
      input.value = ""; // or the same one could not be chosen again
      asking.close();
      if (file) attach(file);
    });
  }
}
