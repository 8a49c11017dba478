/**
 * Where people have private addresses in Italy and the Nordic countries, beyond the 8,760 domains of `email-providers`,
 * which knows few of either. Kept by hand: access providers that give their customers an address, certified mail (PEC) sold to anyone,
 * and newer webmail. `free-email-domains` is longer, but downloads its list from
 * three hosts whenever it is installed.
 */
export const PROVIDERS_OF_ITALY_AND_THE_NORTH = [
  // Italy
  ...words(`
    alice.it aliceposta.it aruba.it arubapec.it blu.it casellapec.com email.it fastpiu.it fastwebmail.it
    fastwebnet.it giallo.it gmail.it hotmail.it inwind.it iol.it jumpy.it katamail.com legalmail.it libero.it
    live.it mail.com msn.it mypec.eu outlook.it pec.it pec.libero.it pecmail.it poste.it postecert.it
    postemail.it registerpec.it sicurezzapostale.it supereva.it teletu.it tim.it tin.it tiscali.it tiscalinet.it
    virgilio.it vodafone.it vodafonemail.it wind.it windtre.it yahoo.it ymail.it
  `),
  // Norway
  ...words(`
    adsl.no altibox.no bbnett.no bluezone.no broadpark.no c2i.net chello.no ebnett.no epost.no frisurf.no
    getmail.no haugnett.no hotmail.no live.no losmail.no lyse.net mimer.no msn.no netcom.no nextgentel.no
    ntebb.no online.no outlook.no sensewave.com sf-nett.no start.no tele2.no telenor.no tiscali.no vikenfiber.no
    yahoo.no
  `),
  // Denmark, Sweden, Finland, Iceland
  ...words(`
    bredband.net bredbandsbolaget.se comhem.se hotmail.dk hotmail.fi hotmail.se jubii.dk kolumbus.fi live.dk
    live.fi live.se mail.dk mail.tele.dk mailbox.swipnet.se outlook.dk outlook.fi outlook.se saunalahti.fi
    simnet.is stofanet.dk tdcadsl.dk telia.com yahoo.dk yahoo.se youmail.dk
  `),
  // Webmail that anyone may use
  ...words(`
    duck.com fastmail.com fastmail.fm googlemail.com hey.com icloud.com mac.com mailbox.org me.com outlook.com
    pm.me posteo.de privaterelay.appleid.com proton.me protonmail.com skiff.com tuta.com tuta.io tutamail.com
    tutanota.com tutanota.de zohomail.com zohomail.eu
  `),
];

function words(list: string): string[] {
  return list.trim().split(/\s+/);
}
