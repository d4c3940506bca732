import { CopyField } from "./CopyField";

/** The command that puts a live auction on this server without a camera. */
export function DemoCommand() {
  return <CopyField label="In a terminal on the server" value={demoCommand(window.location.origin)} />;
}

function demoCommand(origin: string): string {
  return origin === DEFAULT_URL ? "rostrum demo auction" : `rostrum demo auction --url ${origin}`;
}

const DEFAULT_URL = "http://localhost:8000";
