import { Modal, Stack } from "@mantine/core";
import type { ReactNode } from "react";

export interface DialogProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  /** After it has left the screen. */
  onClosed?: () => void;
  /** Whether a press beside it leaves it open, because what it shows cannot be had again. */
  isFirm?: boolean;
  children: ReactNode;
}

/** A dialog with a heading. The focus stays in it and returns afterwards; Esc closes it. */
export function Dialog({ title, isOpen, onClose, onClosed, isFirm = false, children }: DialogProps) {
  return (
    <Modal.Root
      opened={isOpen} onClose={onClose} closeOnClickOutside={!isFirm} centered padding="lg"
      {...(onClosed ? { onExitTransitionEnd: onClosed } : {})}
    >
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Body>
          <Stack gap="md" className="user-text">
            {/* Only this one names the dialog for screen readers. */}
            <Modal.Title ff="heading" fz="h2" lh="h2" fw={560}>{title}</Modal.Title>
            {children}
          </Stack>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
