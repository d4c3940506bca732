import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type SyntheticEvent, useEffect, useRef, useState } from "react";
import { ApiError } from "../../api/error";
import { ApiEcho } from "../../shell/ApiEcho";
import { CODE_DIGITS, codeDigits } from "./code";
import classes from "./EnterCode.module.css";
import { FormError } from "./FormError";
import { type Attempt, resendCode, verifyCode } from "./operations";
import { useSecondsLeft } from "./useSecondsLeft";

// What the server asks for between two mails.
const RESEND_PAUSE_S = 30;

export interface EnterCodeProps {
  attempt: Attempt;
  onDone: () => void;
  onBack: () => void;
}

/** The field for the code that was sent, and another code for whoever waits in vain. */
export function EnterCode({ attempt, onDone, onBack }: EnterCodeProps) {
  const field = useRef<HTMLInputElement>(null);
  const [code, setCode] = useState("");
  const [nudge, setNudge] = useState<string>();
  useEffect(() => field.current?.focus(), []);
  const verify = useMutation({
    mutationFn: (otp: string) => verifyCode(attempt, otp),
    onSuccess: onDone,
    onError: () => {
      setCode("");
      field.current?.focus();
    },
  });
  const change = (text: string) => {
    const digits = codeDigits(text);
    setCode(digits);
    setNudge(undefined);
    // The last digit is the whole answer; a code that was refused is not sent again by itself.
    if (digits.length === CODE_DIGITS && digits !== code && !verify.isPending) verify.mutate(digits);
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (code.length === CODE_DIGITS) {
      verify.mutate(code);
    } else {
      setNudge(`Write all ${CODE_DIGITS} digits of the code`);
      field.current?.focus();
    }
  };
  return (
    <form noValidate onSubmit={submit}>
      <Stack gap="md">
        <FormError error={verify.error} />
        <Text className="user-text">
          We sent a code to <strong><bdi>{attempt.email}</bdi></strong>. It is good for ten minutes. If nothing comes, look
          into the spam folder.
        </Text>
        <TextInput
          ref={field} label="Code" size="lg" required inputMode="numeric" autoComplete="one-time-code"
          classNames={{ input: classes.digits ?? "" }} value={code} error={nudge} readOnly={verify.isPending}
          onChange={(event) => change(event.currentTarget.value)}
        />
        <Button type="submit" size="md" loading={verify.isPending}>
          {attempt.isSignup ? "Create account" : "Sign in"}
        </Button>
        <Group justify="space-between" gap="xs">
          <Button variant="subtle" size="compact-sm" onClick={onBack}>Another address</Button>
          <Resend attempt={attempt} onSent={() => { verify.reset(); setCode(""); field.current?.focus(); }} />
        </Group>
        <ApiEcho
          method="POST" path="/api/auth/verify-otp"
          body={{
            email: attempt.email, otp: "…", session: "…", isSignup: attempt.isSignup, challengeName: attempt.challengeName,
          }}
        />
      </Stack>
    </form>
  );
}

function Resend({ attempt, onSent }: { attempt: Attempt; onSent: () => void }) {
  const [until, setUntil] = useState(() => performance.now() + RESEND_PAUSE_S * 1000);
  const left = useSecondsLeft(until);
  const wait = (seconds: number) => setUntil(performance.now() + seconds * 1000);
  const send = useMutation({
    mutationFn: () => resendCode(attempt),
    onSuccess: () => {
      wait(RESEND_PAUSE_S);
      onSent();
    },
    onError: (error) => {
      if (error instanceof ApiError && error.retryAfterS !== undefined) wait(error.retryAfterS);
    },
  });
  return (
    <>
      <Button
        variant="subtle" size="compact-sm" className="figures" disabled={left > 0} loading={send.isPending}
        onClick={() => send.mutate()}
      >
        {left > 0 ? `New code in ${clock(left)}` : "Send a new code"}
      </Button>
      <span role="status" className="visually-hidden">{send.isSuccess ? "A new code was sent" : ""}</span>
      {send.error && <FormError error={send.error} />}
    </>
  );
}

function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
