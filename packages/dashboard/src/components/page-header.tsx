import { Box, Group, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";

export interface PageHeaderProps {
  /** The page's one h1; also the browser's title unless `documentTitle` is given. */
  readonly title: ReactNode;
  /** Where `title` is not plain text. */
  readonly documentTitle?: string;
  /** One line of what this page is for, or facts beside a detail's name. */
  readonly description?: ReactNode;
  /** Buttons; the primary one last. */
  readonly actions?: ReactNode;
}

/** Every page begins with this. */
export function PageHeader({ title, documentTitle, description, actions }: PageHeaderProps) {
  const name = documentTitle ?? (typeof title === "string" ? title : undefined);
  useDocumentTitle(name ? `${name} · Burgee` : "Burgee");
  return (
    <Group justify="space-between" align="flex-start" gap="md" mb="lg">
      <Box style={{ minWidth: 0, flex: "1 1 20rem" }}>
        <Title order={1} style={{ overflowWrap: "anywhere" }}>
          {title}
        </Title>
        {description !== undefined && (
          <Text component="div" c="dimmed" mt={4}>
            {description}
          </Text>
        )}
      </Box>
      {actions !== undefined && <Group gap="sm">{actions}</Group>}
    </Group>
  );
}
