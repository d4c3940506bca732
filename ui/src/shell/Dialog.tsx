import { Modal, Stack, Title } from "@mantine/core";
import { type ReactNode, useId } from "react";

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
  const id = useId();
  return (
    <Modal
      opened={isOpen} onClose={onClose} closeOnClickOutside={!isFirm} withCloseButton={false} aria-labelledby={id} centered
      padding="lg" {...(onClosed ? { onExitTransitionEnd: onClosed } : {})}
    >
      <Stack gap="md" className="user-text">
        <Title order={2} id={id}>{title}</Title>
        {children}
      </Stack>
    </Modal>
  );
}
