/* Loads the code of controls that other pages are drawn with, once the first page stands: Streamlit
   sends it only when a control is first drawn, in chains of small files that hold a page up. */
"use strict";
(() => {
  const PARTS = [];
  const idle = window.requestIdleCallback ?? (work => setTimeout(work, 200));
  const stands = () =>
    document.querySelector("[data-testid=stApp][data-test-script-state=notRunning] .stMain .stHtml");
  const load = () => {
    const own = document.querySelector('script[type=module][src*="static/js/"]');
    // the same addresses as Streamlit's own, so that each file is loaded and run once
    if (own) for (const part of PARTS) import(new URL(part, own.src).href).catch(() => null);
  };
  const waiting = setInterval(() => {
    if (!stands()) return;
    clearInterval(waiting);
    idle(load);
  }, 100);
})();
