import { Alert, Button, Divider } from "@mantine/core";
import { IconAlertCircle, IconExternalLink } from "@tabler/icons-react";
import { useSearchParams } from "react-router";
import { nextPage } from "./nextPage";
import { issuerLink, issuerProblem } from "./oidc";

/** The way to sign in with an account elsewhere, called `name`, and what went wrong on the last way there. */
export function OidcButton({ name }: { name: string }) {
  const [search] = useSearchParams();
  const problem = issuerProblem(search.get("error"), name);
  return (
    <>
      {problem && (
        <Alert role="alert" color="live" icon={<IconAlertCircle />} title={problem} data-testid="oidc-error" />
      )}
      {/* A link and no request: the browser itself must go there. */}
      <Button
        component="a" href={issuerLink(nextPage(search))} variant="default" size="md" fullWidth
        leftSection={<IconExternalLink size={18} aria-hidden />} data-testid="oidc-start"
      >
        Continue with {name}
      </Button>
      <Divider label="or" labelPosition="center" />
    </>
  );
}
