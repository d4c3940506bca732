import { Button } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { Empty } from "./Empty";

/** Keeps a broken page from taking the shell with it. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: Error | undefined }> {
  override state: { error: Error | undefined } = { error: undefined };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    if (!this.state.error) return this.props.children;
    return (
      <Empty
        title="This page broke"
        action={<Button onClick={() => window.location.reload()}>Load it again</Button>}
      >
        The rest of Rostrum still works, and nothing you sent was lost. The cause: {this.state.error.message}
      </Empty>
    );
  }
}
