import "@fontsource-variable/fraunces/index.css";
import "@fontsource-variable/inter/index.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "../shell/global.css";
import "./page.css";
import { Notice } from "./Notice";
import { Player } from "./Player";

// The server sends this page in place of the playlist when a browser opens its address.
const PLAYLIST = window.location.pathname + window.location.search;

function Page() {
  return (
    <>
      <h1 className="visually-hidden">Live broadcast</h1>
      <Player
        url={PLAYLIST}
        title="Live broadcast"
        isOnAir
        empty={
          <Notice title="Waiting for the broadcaster" isBusy>
            The picture starts here by itself.
          </Notice>
        }
      />
    </>
  );
}

const root = document.getElementById("player");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Page />
    </StrictMode>,
  );
}
