import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconAlertCircle, IconShoppingBag } from "@tabler/icons-react";
import { sentence } from "../../../api/error";
import { Dialog } from "../../../shell/Dialog";
import { money, shorten } from "../../../shell/format";
import { useBuyNow } from "../queries";

export interface BuyNowProps {
  id: string;
  title: string;
  price: number;
  currency: string;
}

/** Ends the auction at once at the seller's price; asked twice, because it cannot be undone. */
export function BuyNow({ id, title, price, currency }: BuyNowProps) {
  const [isOpen, { open, close }] = useDisclosure(false);
  const buy = useBuyNow(id);
  return (
    <>
      <Button variant="outline" leftSection={<IconShoppingBag size={18} />} onClick={open} data-testid="buy-now">
        Buy now for {money(price, currency)}
      </Button>
      <Dialog title="Buy it now?" isOpen={isOpen} onClose={close} onClosed={() => buy.reset()}>
        <Stack gap="md">
          <Text>
            “<bdi>{shorten(title)}</bdi>” is yours for {money(price, currency)} and the auction ends for everyone. This cannot be
            undone.
          </Text>
          {buy.error && <Alert role="alert" color="live" icon={<IconAlertCircle />} title={sentence(buy.error)} />}
          <Group justify="end">
            <Button variant="default" data-autofocus onClick={close}>Not now</Button>
            <Button loading={buy.isPending} onClick={() => buy.mutate(undefined, { onSuccess: close })}>
              Buy for {money(price, currency)}
            </Button>
          </Group>
        </Stack>
      </Dialog>
    </>
  );
}
