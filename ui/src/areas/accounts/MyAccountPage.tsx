import { Stack } from "@mantine/core";
import { Page } from "../../shell/Page";
import { PasswordSection } from "./PasswordSection";
import { ProfileSection } from "./ProfileSection";
import { SessionsSection } from "./SessionsSection";

/** Who one is here, how one gets in, and where one is signed in. */
export default function MyAccountPage() {
  return (
    <Page title="Your account" width="46rem">
      <Stack gap="xl">
        <ProfileSection />
        <PasswordSection />
        <SessionsSection />
      </Stack>
    </Page>
  );
}
