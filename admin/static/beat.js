// Beats for pages in the background, whose own timers browsers slow down to one a minute.
setInterval(() => postMessage("beat"), 3500);
