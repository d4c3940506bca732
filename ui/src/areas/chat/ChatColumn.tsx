import { Paper, Text, Title } from "@mantine/core";
import type { Auction } from "../../api/types";

/** The conversation of the room. */
export function ChatColumn({ auction }: { auction: Auction }) {
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="chat" data-auction={auction.auction_id}>
      <Title order={2} id="chat">Chat</Title>
      <Text c="dimmed" size="sm">Not open yet.</Text>
    </Paper>
  );
}
