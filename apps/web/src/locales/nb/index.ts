import conversation from './conversation.json';
import entry from './entry.json';
import item from './item.json';
import keys from './keys.json';
import notification from './notification.json';
import people from './people.json';
import settings from './settings.json';
import shell from './shell.json';
import view from './view.json';

export default { conversation, entry, item, keys, notification, people, settings, shell, view };
