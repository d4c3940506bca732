import { Alert, Badge, Group, Paper, Stack, Table, Text, Title, Tooltip } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { sentence } from "../../../api/error";
import type { Cost as AuctionCost, CostLine } from "../../../api/types";
import { date } from "../../../shell/format";
import { LineChart } from "../../../shell/LineChart";
import classes from "./CostMeter.module.css";
import { explain, hoursText, itemName, smallMoney } from "./words";

/** What was asked for: a cost, whatever it is the cost of. */
export type Cost = Omit<AuctionCost, "auction_id">;

/** What the video has cost so far, line by line, while it grows. */
export function CostMeter({ cost }: { cost: { data: Cost | undefined; error: Error | null } }) {
  if (!cost.data && !cost.error) return null;
  return (
    <Paper withBorder p={{ base: "md", sm: "xl" }} component="section" aria-labelledby="cost" data-testid="cost-meter">
      <Stack gap="md">
        <div>
          <Title order={2} id="cost">Cost of the video</Title>
          {cost.data && <Text size="sm" c="dimmed">{billing(cost.data)}</Text>}
        </div>
        {cost.error && <Alert color="brass" icon={<IconAlertTriangle />} title={sentence(cost.error)} />}
        {cost.data && <Meter cost={cost.data} />}
      </Stack>
    </Paper>
  );
}

function billing({ is_billed, price_list_title }: Cost): string {
  return is_billed
    ? `An estimate of Amazon’s bill, by “${price_list_title}”.`
    : "Nobody bills you for it: your own server carries the video. This is what it would cost on Amazon IVS.";
}

function Meter({ cost }: { cost: Cost }) {
  const { currency } = cost;
  return (
    <>
      <Group align="end" gap="lg">
        <Text className={`figures ${classes.total ?? ""}`} data-testid="cost-total">{smallMoney(cost.total_cost, currency)}</Text>
        <Text size="sm" c="dimmed" className="figures">
          {cost.is_running
            ? `and ${smallMoney(cost.cost_per_hour, currency)} for each further hour with ${cost.viewers} ${cost.viewers === 1 ? "viewer" : "viewers"}`
            : "Nothing is on air, so it does not grow."}
        </Text>
      </Group>
      <Table verticalSpacing="xs" aria-label="What the cost consists of" className="figures">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>For</Table.Th>
            <Table.Th ta="end" visibleFrom="sm">Used</Table.Th>
            <Table.Th ta="end" visibleFrom="sm">An hour</Table.Th>
            <Table.Th ta="end">Cost</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {cost.lines.map((line) => <Line key={`${line.item} ${line.resolution ?? ""}`} line={line} cost={cost} />)}
        </Table.Tbody>
      </Table>
      {cost.points.length > 2 && (
        <LineChart
          label="Total" meaning="How the total grew during the newest broadcast. It rises faster while more people watch."
          points={cost.points.map((point) => ({ at: point.at_ms, value: point.total_cost }))}
          format={(value) => smallMoney(value, currency)}
        />
      )}
      <Text size="xs" c="dimmed">
        Prices “{cost.price_list}”, looked up on {date(`${cost.price_date}T12:00:00Z`)}. {cost.price_list_note} Viewers are counted
        as if all of them watched the resolution that you send; who watches less costs less.
      </Text>
    </>
  );
}

function Line({ line, cost }: { line: CostLine; cost: Cost }) {
  const { currency, channel_type } = cost;
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" fw={500}>{itemName(line)}</Text>
        <Text size="xs" c="dimmed">{explain(line, channel_type, currency)}</Text>
        {!line.price_is_verified && (
          <Tooltip label={`Nothing confirms this price. Source: ${line.price_source}, ${line.price_date}`} multiline maw={320} events={{ hover: true, focus: true, touch: true }}>
            <Badge component="button" type="button" variant="light" color="brass" size="xs" mt={4} className={classes.unverified ?? ""}>
              price not confirmed
            </Badge>
          </Tooltip>
        )}
      </Table.Td>
      <Table.Td ta="end" visibleFrom="sm">{hoursText(line.hours)}</Table.Td>
      <Table.Td ta="end" visibleFrom="sm">{smallMoney(line.price_per_hour, currency)}</Table.Td>
      <Table.Td ta="end" fw={600}>{smallMoney(line.cost, currency)}</Table.Td>
    </Table.Tr>
  );
}
