import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

const accent: MantineColorsTuple = [
  '#edf1fd',
  '#dbe3fb',
  '#bccaf7',
  '#9aacff',
  '#7188e6',
  '#5570dc',
  '#3f58d0',
  '#3a53c9',
  '#3247ad',
  '#283a8d',
];

const dark: MantineColorsTuple = [
  '#e8eaee',
  '#c9cdd5',
  '#adb3be',
  '#949ba8',
  '#3d4149',
  '#2b2e35',
  '#202228',
  '#17181c',
  '#121316',
  '#0c0d0f',
];

/** Mantine's own parts in the colours of tokens.css. */
export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 6 },
  colors: { accent, dark },
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', Menlo, Consolas, monospace",
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.55', lg: '1.5', xl: '1.35' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  radius: { xs: '3px', sm: '5px', md: '7px', lg: '10px', xl: '16px' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  headings: {
    fontWeight: '620',
    sizes: { h1: { fontSize: '20px' }, h2: { fontSize: '16px' }, h3: { fontSize: '14px' } },
  },
  components: {
    Button: { defaultProps: { size: 'xs' } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray', size: 28 } },
    // Every field of our forms is needed unless it says otherwise: no stars.
    TextInput: { defaultProps: { size: 'sm', withAsterisk: false } },
    PasswordInput: { defaultProps: { size: 'sm', withAsterisk: false } },
    InputWrapper: { styles: { label: { fontWeight: 550, marginBottom: 4 }, description: { marginBottom: 4 } } },
    Textarea: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm', allowDeselect: false } },
    Switch: { defaultProps: { size: 'sm' } },
    Menu: {
      defaultProps: {
        shadow: 'md',
        position: 'bottom-start',
        offset: 4,
        transitionProps: { duration: 80 },
        // A menu holds entries only; the focus goes to the first.
        withInitialFocusPlaceholder: false,
      },
      styles: { dropdown: { background: 'var(--surface-raised)' } },
    },
    Popover: {
      defaultProps: { shadow: 'md', offset: 4, transitionProps: { duration: 80 } },
      styles: { dropdown: { background: 'var(--surface-raised)' } },
    },
    Notification: { styles: { root: { background: 'var(--surface-raised)', border: '1px solid var(--line)' } } },
    Combobox: { styles: { dropdown: { background: 'var(--surface-raised)' } } },
    Modal: {
      defaultProps: { transitionProps: { duration: 100 }, overlayProps: { backgroundOpacity: 0.35 }, radius: 'lg' },
      styles: {
        content: { background: 'var(--surface-raised)', border: '1px solid var(--line)' },
        header: { background: 'transparent' },
        title: { fontSize: 16, fontWeight: 620 },
      },
    },
  },
});

export const cssVariables: CSSVariablesResolver = () => {
  const both = {
    '--mantine-color-body': 'var(--surface)',
    '--mantine-color-text': 'var(--text)',
    '--mantine-color-dimmed': 'var(--text-faint)',
    '--mantine-color-placeholder': 'var(--text-faint)',
    '--mantine-color-default': 'var(--surface-raised)',
    '--mantine-color-default-hover': 'var(--hover)',
    '--mantine-color-default-color': 'var(--text)',
    '--mantine-color-default-border': 'var(--line)',
    '--mantine-color-anchor': 'var(--accent)',
    '--mantine-color-error': 'var(--danger)',
    '--mantine-color-gray-light-color': 'var(--text-quiet)',
  };
  return { variables: {}, light: both, dark: both };
};
