import { Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';

/** A text that saves itself when one leaves it; Escape brings back what was there. */
export function Field({
  label,
  value,
  save,
  error,
  type = 'text',
  multiline,
  description,
  disabled,
  required,
}: {
  label: string;
  value: string;
  save: (value: string) => void;
  error?: string | undefined;
  type?: 'text' | 'email' | 'tel';
  multiline?: boolean;
  description?: string;
  disabled?: boolean;
  required?: boolean;
}) {
  const [typed, setTyped] = useState(value);
  const [last, setLast] = useState(value);
  // Somebody else changed it: shown, unless it is being written here.
  if (value !== last) {
    setLast(value);
    if (typed === last) setTyped(value);
  }
  const leave = () => {
    const next = typed.trim();
    if (required && !next) setTyped(value);
    else if (next !== value) save(next);
  };
  const shared = {
    label,
    description,
    error,
    disabled,
    value: typed,
    onBlur: leave,
    onChange: (event: { currentTarget: { value: string } }) => setTyped(event.currentTarget.value),
  };
  if (multiline) return <Textarea {...shared} autosize minRows={2} maxRows={8} />;
  return (
    <TextInput
      {...shared}
      type={type}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
        if (event.key === 'Escape') setTyped(value);
      }}
    />
  );
}
