import { Button } from "@mantine/core";
import { Link } from "react-router";
import { Empty } from "./Empty";
import { Page } from "./Page";

export function NotFoundPage() {
  return (
    <Page title="Page not found" isHeadingHidden>
      <Empty
        title="There is no page here"
        action={
          <>
            <Button component={Link} to="/now">What is live now</Button>
            <Button component={Link} to="/auctions" variant="default">All auctions</Button>
          </>
        }
      >
        The address may be mistyped, or the page has moved.
      </Empty>
    </Page>
  );
}
