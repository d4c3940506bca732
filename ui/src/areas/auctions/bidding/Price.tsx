import { Text } from "@mantine/core";
import { useState } from "react";
import { money } from "../../../shell/format";
import classes from "./Price.module.css";

export interface PriceProps {
  label: string;
  amount: number;
  currency: string;
}

/** The price as the server said it last. A new one lights up for a moment. */
export function Price({ label, amount, currency }: PriceProps) {
  const [first] = useState(amount);
  return (
    <div>
      <Text size="sm" c="dimmed">{label}</Text>
      {/* The key starts the animation over. The price that the page opened with does not move. */}
      <Text key={amount} className={`figures ${classes.price ?? ""}`} data-fresh={amount !== first || undefined} data-testid="price">
        {money(amount, currency)}
      </Text>
    </div>
  );
}
