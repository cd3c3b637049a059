import { Center, Group, Paper, Text } from "@mantine/core";
import { Outlet } from "@tanstack/react-router";
import classes from "./frame.module.css";
import { Mark } from "./mark.tsx";

/** A card on an empty page, for who is not signed in. */
export function PublicFrame() {
  return (
    <div className={classes["public"]}>
      <Group gap={8} justify="center" component="header" mb="lg">
        <Mark size={28} />
        <Text fw={700} fz={20}>
          Burgee
        </Text>
      </Group>
      <Center component="main">
        <Paper p={{ base: "md", sm: "xl" }} w="100%" maw={460}>
          <Outlet />
        </Paper>
      </Center>
    </div>
  );
}
