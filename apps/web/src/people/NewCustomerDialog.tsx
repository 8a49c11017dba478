import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { createCustomer, type Customer } from '@sportello/api-client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../shell/Dialog.js';
import { fieldErrors, problemOf } from '../shell/problem.js';
import { useSentence } from '../shell/States.js';
import { sayFailed } from '../shell/undo.js';

export function NewCustomerDialog({
  opened,
  close,
  created,
}: {
  opened: boolean;
  close: () => void;
  created: (customer: Customer) => void;
}) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const sentence = useSentence();
  const form = useForm({
    initialValues: { name: '', email: '', phone: '' },
    validate: { name: (name) => (name.trim() ? null : t('people.nameNeeded')) },
  });
  const create = useMutation({
    mutationFn: async ({ name, email, phone }: typeof form.values) =>
      (await createCustomer({ body: { name, email: email || null, phone: phone || null }, throwOnError: true })).data,
    onSuccess: (customer) => {
      void queryClient.invalidateQueries({ queryKey: [{ _id: 'listCustomers' }] });
      form.reset();
      close();
      created(customer);
    },
    onError: (error) => {
      const problem = problemOf(error);
      if (problem.code === 'email_taken') form.setFieldError('email', sentence(error));
      else if (problem.errors?.length) form.setErrors(fieldErrors(problem));
      else sayFailed(sentence(error));
    },
  });
  return (
    <Dialog opened={opened} onClose={close} title={t('people.addCustomer')}>
      <form onSubmit={form.onSubmit((values) => create.mutate(values))}>
        <Stack gap="sm">
          <TextInput label={t('people.name')} data-autofocus {...form.getInputProps('name')} />
          <TextInput label={t('people.email')} type="email" {...form.getInputProps('email')} />
          <TextInput label={t('people.phone')} type="tel" {...form.getInputProps('phone')} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              {t('shell.cancel')}
            </Button>
            <Button type="submit" loading={create.isPending}>
              {t('people.addCustomer')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
