import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { meQuery } from "../../api/queries.ts";
import { ErrorState } from "../../components/error-state.tsx";
import { LoadingPage } from "../../components/loading.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { DeleteAccount } from "./delete-account.tsx";
import { Email } from "./email.tsx";
import { Passkeys } from "./passkeys.tsx";
import { Password } from "./password.tsx";
import { Person } from "./person.tsx";
import { SignOutEverywhere } from "./sign-out-everywhere.tsx";
import { TwoFactor } from "./two-factor.tsx";

export function AccountPage() {
  const { data: me, error, refetch } = useQuery(meQuery);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!me) return <LoadingPage />;
  return (
    <>
      <PageHeader title="Your account" description={me.email} />
      <Stack gap="xl" maw={640}>
        <Person key={me.id} me={me} />
        {me.auth_type === "EMAIL" && <Email key={me.email} me={me} />}
        {me.auth_type === "EMAIL" && <Password />}
        <TwoFactor me={me} />
        <Passkeys />
        <SignOutEverywhere />
        <DeleteAccount me={me} />
      </Stack>
    </>
  );
}
