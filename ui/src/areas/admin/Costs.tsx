import { Anchor, Group, SegmentedControl, Table, Text } from "@mantine/core";
import { Link, useSearchParams } from "react-router";
import { LineChart } from "../../shell/LineChart";
import { hoursText, smallMoney } from "../broadcasts/costs/words";
import { AdminFrame } from "./AdminFrame";
import classes from "./Costs.module.css";
import { dearestFirst, everyDay, kindName, ownerPage } from "./spending";
import { type CostItem, type Costs as Report, useCosts } from "./reports";

const SPANS = ["7", "30", "90"];
const SPAN = "30";

/** What the video of each auction and channel has cost. */
export function Costs() {
  const [query, setQuery] = useSearchParams();
  const days = SPANS.find((span) => span === query.get("days")) ?? SPAN;
  const { data, error, isPending } = useCosts(Number(days));
  return (
    <AdminFrame
      title="Costs"
      about={data?.is_billed === false
        ? "Nobody bills you for it: your own server carries the video. This is what it would cost on Amazon IVS."
        : "An estimate of Amazon’s bill for the video, auction by auction and channel by channel."}
      action={
        <SegmentedControl
          aria-label="Span" value={days} onChange={(value) => setQuery(value === SPAN ? {} : { days: value }, { replace: true })}
          data={SPANS.map((value) => ({ value, label: `${value} days` }))}
        />
      }
      error={error}
      isPending={isPending}
    >
      {data && <Spending report={data} days={days} />}
    </AdminFrame>
  );
}

function Spending({ report, days }: { report: Report; days: string }) {
  const { currency, items, total_cost: total } = report;
  const perDay = everyDay(report.days);
  return (
    <>
      <Group align="end" gap="lg">
        <Text className={`figures ${classes.total ?? ""}`} data-testid="costs-total">{smallMoney(total, currency)}</Text>
        <Text size="sm" c="dimmed">in the last {days} days, by price list “{report.price_list}”</Text>
      </Group>
      {perDay.length > 1 && (
        <LineChart
          label="Per day" meaning="What the broadcasts that began on a day have cost. Days end at midnight UTC."
          points={perDay}
          format={(value) => smallMoney(value, currency)}
        />
      )}
      {items.length === 0
        ? <Text c="dimmed" role="status">Nothing was on air in these {days} days.</Text>
        : <CostTable items={dearestFirst(items)} currency={currency} />}
    </>
  );
}

function CostTable({ items, currency }: { items: CostItem[]; currency: string }) {
  const most = items[0]?.total_cost ?? 0;
  return (
    <Table verticalSpacing="xs" aria-label="What it consists of, dearest first" className="figures">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>For</Table.Th>
          <Table.Th ta="end" visibleFrom="sm">On air</Table.Th>
          <Table.Th ta="end" visibleFrom="sm">Watched</Table.Th>
          <Table.Th ta="end">Cost</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {items.map((item) => {
          const page = ownerPage(item);
          return (
            <Table.Tr key={`${item.owner_kind} ${item.owner_id}`}>
              <Table.Td className={classes.name ?? ""}>
                <Text size="sm" fw={500} component="span">{page ? <Anchor component={Link} to={page} inherit><bdi>{item.name}</bdi></Anchor> : <bdi>{item.name}</bdi>}</Text>
                <Text size="xs" c="dimmed">{kindName(item.owner_kind)}</Text>
                <div className={classes.share} style={{ inlineSize: `${most > 0 ? (100 * item.total_cost) / most : 0}%` }} aria-hidden />
              </Table.Td>
              <Table.Td ta="end" visibleFrom="sm">{hoursText(item.input_hours)}</Table.Td>
              <Table.Td ta="end" visibleFrom="sm">{hoursText(item.viewer_hours)}</Table.Td>
              <Table.Td ta="end" fw={600}>{smallMoney(item.total_cost, currency)}</Table.Td>
            </Table.Tr>
          );
        })}
      </Table.Tbody>
    </Table>
  );
}
