import { Group, Text } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { dateTime } from "../../shell/format";
import { AdminFrame } from "./AdminFrame";
import { useFailedMails } from "./queries";
import { Row, Rows } from "../../shell/Row";

/** Mails that nobody will get, and why. */
export function Mails() {
  const mails = useFailedMails();
  const failed = mails.data?.mails ?? [];
  return (
    <AdminFrame
      title="Undelivered mail"
      about={
        mails.data?.is_configured === false
          ? "No mail server is configured, so no mail is sent: set mail.smtp_url."
          : "Mail that the mail server refused, or that it did not take for a day. The newest first; after thirty days it is forgotten."
      }
      error={mails.error}
      isPending={mails.isPending}
    >
      {mails.data?.is_configured && failed.length === 0 && (
        <Group gap="xs" wrap="nowrap" role="status">
          <IconCircleCheck size={20} color="var(--accent)" aria-hidden />
          <Text>Every mail was delivered, or is on its way.</Text>
        </Group>
      )}
      <Rows label="Undelivered mail">
        {failed.map((mail) => (
          <Row
            key={mail.id}
            name={mail.to}
            detail={
              <>
                <div>{mail.last_error}</div>
                <time dateTime={mail.created_at}>{dateTime(mail.created_at)}</time>
              </>
            }
          />
        ))}
      </Rows>
    </AdminFrame>
  );
}
