import { Anchor, Checkbox, NumberInput, type NumberInputProps, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useState } from "react";
import type { NewAuctionFields } from "../newAuction";

/** The terms of the sale beyond its starting bid. All have defaults, so they are folded away. */
export function TermsFields({ form }: { form: UseFormReturnType<NewAuctionFields> }) {
  const [isOpen, setIsOpen] = useState(false);
  const hasErrors = ["bid_increment", "reserve_price", "buy_now_price", "starts_at"].some((name) => name in form.errors);
  return (
    <details open={isOpen || hasErrors} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <Anchor component="summary" w="fit-content">Terms: increment, reserve, buy now, late bids, start</Anchor>
      <Stack gap="lg" mt="md">
        <SimpleGrid cols={{ base: 1, sm: 3 }}>
          <Amount label="Increment" description="Least step; 1 when empty." {...form.getInputProps("bid_increment")} />
          <Amount label="Reserve" description="Not sold below it. Secret." {...form.getInputProps("reserve_price")} />
          <Amount label="Buy now" description="Ends it at once, until a bid." {...form.getInputProps("buy_now_price")} />
        </SimpleGrid>
        <Checkbox
          label="Take maximum bids" description="The house then bids for people, up to a maximum that only they see."
          {...form.getInputProps("isProxyAllowed", { type: "checkbox" })}
        />
        <div role="group" aria-labelledby="late-bids">
          <Text id="late-bids" size="sm" fw={500}>Late bids</Text>
          <Text size="sm" c="dimmed" mb="xs">A bid in the last seconds moves the end, so that others can answer it. A window of 0 switches this off.</Text>
          <SimpleGrid cols={{ base: 1, sm: 3 }}>
            <Whole label="Window" suffix=" s" max={600} {...form.getInputProps("window_seconds")} />
            <Whole label="Extends by" suffix=" s" max={600} {...form.getInputProps("extension_seconds")} />
            <Whole label="At most" suffix=" times" max={100} {...form.getInputProps("max_extensions")} />
          </SimpleGrid>
        </div>
        <TextInput
          label="Starts" type="datetime-local" description="In your time zone; at once when empty. People can look before it starts."
          w="fit-content" {...form.getInputProps("starts_at")}
        />
      </Stack>
    </details>
  );
}

type FieldProps = NumberInputProps & { label: string };

function Amount(props: FieldProps) {
  return <NumberInput min={0} decimalScale={2} thousandSeparator=" " inputMode="decimal" hideControls {...props} />;
}

function Whole(props: FieldProps) {
  return <NumberInput min={0} allowDecimal={false} hideControls inputMode="numeric" {...props} />;
}
