"""Tests dangers in other languages: each is found with its kind and language, and ordinary messages are not."""

from __future__ import annotations

import pytest

from bot.crisis.emergency import find, foreign_danger
from bot.crisis.other_languages import ForeignDanger
from bot.text.languages import Language
from tests.rows import each_row

# What cannot mean anything else is an emergency; all other dangers are only possible.
SURE = [
    ("suicidio", "en", "I'm going to kill myself tonight"),
    ("suicidio", "pt", "não aguento mais, quero me matar"),
    ("suicidio", "ht", "mwen vle touye tèt mwen"),
    ("violencia", "pt", "meu marido está me batendo agora"),
    ("violencia", "fr", "Je viens d'Haïti et mon mari me frappe"),
    ("incendio", "en", "My apartment is on fire, department 402"),
    ("medica", "en", "my baby is not breathing"),
    ("medica", "fr", "je viens d'Haïti, mon bébé ne respire plus"),
    ("delito", "en", "someone is breaking into my house"),
]
DANGERS = {
    ("suicidio", "en"): [
        "I don't see any reason to keep living, I want to die",
        "I'm going to kill myself tonight",
        "I swallowed a whole bottle of pills",
        "I don't want to live anymore",
        "I want to commit suicide",
        "I took all my pills",
    ],
    ("suicidio", "pt"): [
        "não aguento mais, quero me matar",
        "não quero mais viver",
        "vou tirar a minha própria vida",
        "tomei todos os remédios",
    ],
    ("suicidio", "fr"): [
        "je n'en peux plus, je veux me tuer",
        "j'ai avalé tous mes cachets",
        "je veux en finir avec la vie",
        "je ne veux plus vivre",
        "je veux en finir",
        "j'ai pris tous mes médicaments",
    ],
    ("suicidio", "ht"): [
        "m pa vle viv ankò",
        "mwen vle touye tèt mwen",
        "mwen pa vle viv ankò",
    ],
    ("violencia", "en"): [
        "my wife beats me every night",
        "my boyfriend has locked me in and is hitting me",
        "he says he is going to kill me",
        "my wife hits me",
        "my father beats me",
        "my mother beat me",
    ],
    ("violencia", "pt"): [
        "meu marido está me batendo agora",
        "meu pai me bate e tenho medo",
        "meu pai me bate",
        "minha mãe me bate",
    ],
    ("violencia", "fr"): [
        "mon père me frappe",
        "mon ex veut me tuer",
        "il m'a frappée devant les enfants",
        "Je viens d'Haïti et mon mari me frappe",
        "ma femme me frappe",
        "il m'a frappée",
    ],
    ("violencia", "ht"): [
        "mari m ap bat mwen",
        "papa m bat mwen anpil",
        "papa m bat mwen",
    ],
    ("incendio", "en"): [
        "there's smoke and flames coming out of my neighbor's house",
        "the kitchen caught fire help",
        "My apartment is on fire, department 402",
        "The house is on fire, truck please",
        "the kitchen caught fire",
    ],
    ("incendio", "pt"): [
        "a minha casa está pegando fogo",
        "tem um incêndio no prédio ao lado",
        "incêndio na minha casa",
    ],
    ("incendio", "fr"): [
        "ma maison brûle",
        "il y a un incendie dans mon immeuble",
    ],
    ("incendio", "ht"): [
        "kay vwazen an pran dife",
    ],
    ("gas", "en"): [
        "there is a strong gas smell in the building",
        "I think we have a gas leak",
        "there is a gas smell",
    ],
    ("gas", "pt"): [
        "está vazando gás no apartamento",
    ],
    ("gas", "fr"): [
        "il y a une fuite de gaz dans l'escalier",
        "ça pue le gaz chez moi",
        "ça pue le gaz",
    ],
    ("gas", "ht"): [
        "mwen santi gaz nan kay la",
        "mwen santi gaz",
    ],
    ("medica", "en"): [
        "my father collapsed and he is not breathing",
        "my baby is choking",
        "we need an ambulance, my mom is unconscious",
        "chest pain",
        "my chest hurts so bad",
        "heart attack",
        "my father have stroke",
        "he is bleeding",
        "he cut his hand and bleeding",
        "my wife is bleeding",
        "so much blood",
        "he dont breathe",
        "i can not breathe",
        "he no wake up",
        "he fell and dont wake up",
        "my wife have contractions",
        "she is in labor",
        "she have so much pain",
    ],
    ("medica", "pt"): [
        "meu bebê está engasgado",
        "minha mãe desmaiou e não acorda",
        "dor no peito",
        "muita dor",
        "ela está com dor",
    ],
    ("medica", "fr"): [
        "mon bébé ne respire plus",
        "mon mari fait une crise cardiaque",
        "appelez une ambulance",
        "je viens d'Haïti, mon bébé ne respire plus",
        "il fait un infarctus",
        "elle saigne",
        "mal à la poitrine",
    ],
    ("medica", "ht"): [
        "pitit mwen p ap respire",
        "manman m pèdi konesans",
        "pitit mwen pa respire",
        "li gen anpil doulè",
        "doulè nan pwatrin",
    ],
    ("delito", "en"): [
        "someone is in my house with a knife",
        "I'm being followed by a man",
        "someone is in my house",
    ],
    ("delito", "pt"): [
        "tem um ladrão na minha casa",
        "estou sendo assaltada",
    ],
    ("delito", "fr"): [
        "quelqu'un est entré chez moi avec un couteau",
        "on m'agresse dans la rue",
        "on me suit",
        "on m'agresse",
    ],
    ("delito", "ht"): [
        "gen yon vòlè lakay mwen",
    ],
    ("ninez", "en"): [
        "I can't find my son, he's 4",
    ],
    ("ninez", "pt"): [
        "não encontro meu filho no parque",
        "venho de Caracas e minha filha sumiu",
        "não encontro meu filho",
    ],
    ("ninez", "fr"): [
        "ma fille de 5 ans a disparu",
        "je ne trouve pas mon fils",
    ],
    ("ninez", "ht"): [
        "pitit mwen an disparèt",
    ],
    ("general", "ht"): [
        "anmwe! vin ede m",
    ],
    ("general", "fr"): [
        "au secours, aidez-moi",
    ],
    ("general", "pt"): [
        "socorro, alguém me ajuda",
    ],
}
HARMLESS = [
    "The water meter is running but nobody is home",
    "My son lost his student card, how do I get a new one?",
    "Can I burn garden waste in my yard?",
    "My husband hit a parked car, where do I file the accident report?",
    "I need a parking permit near the fire station",
    "Someone is going to call me about my complaint, right?",
    "The gas company left a hole in the street",
    "I'm dying to know when the pool opens",
    "Where can I report a broken street light that keeps flashing?",
    "My daughter is missing a vaccine, is the clinic open?",
    "The printer at your office stopped working and the line is not moving",
    "He has a gun permit, does he need to renew it?",
    "I want to take my mother to the health center",
    "The heat in the gym is killing me",
    "My father died, how do I get a death certificate?",
    "A tree fell and is threatening the power lines",
    "Quanto custa a taxa do gás na feira?",
    "Perdi a certidão de nascimento do meu filho",
    "O carro queimando óleo passa na revisão técnica?",
    "Quero acabar com a minha dívida do lixo",
    "Minha filha desapareceu da lista de espera da creche",
    "O sistema não respira de tão lento, não consigo pagar",
    "Preciso de ambulância para levar minha mãe ao exame de terça",
    "O vizinho bate o portão a noite toda",
    "Estou morrendo de calor na fila de vocês",
    "Tem fogo na churrasqueira do parque, é permitido?",
    "Estou sendo cobrado duas vezes pelo lixo",
    "O poste pegou fogo na semana passada e ainda não trocaram",
    "Le bouton du passage piéton ne marche pas",
    "Je veux mourir de rire avec votre site",
    "On me vole du temps avec ces formulaires",
    "Mon fils a perdu sa carte scolaire",
    "Le chat du voisin a disparu du quartier",
    "Il y a un incendie de prix dans votre commune",
    "Mon mari bat le tapis sur le balcon, c'est permis ?",
    "Le site ne répond plus, que faire ?",
    "J'ai besoin d'une ambulance pour le rendez-vous de lundi, vous l'organisez ?",
    "Comment mettre fin à mon contrat de poubelle ?",
    "Le feu est toujours rouge devant l'école",
    "Èske gen yon biwo gaz nan zòn nan?",
    "Mwen pèdi kat idantite pitit mwen",
    "Ki kote pou m peye bil gaz la?",
    "Limyè lari a ap touye je m",
    "Chen vwazen an ap bat pòt la tout nwit",
    "Gen moun ki gen papye zam, kote pou yo renouvle l?",
    "M ap mouri ak chalè nan liy nan",
    "Machin mwen an boule lwil, èske l ap pase revizyon?",
    "Is my complaint being followed up by someone?",
    "I lost my baby's birth certificate",
    "minha filha sumiu do cadastro escolar",
    "Le site ne réagit pas",
    "L'ascenseur ne bouge plus",
    "I cut myself on broken glass in the park",
    "The tree is going to die without water",
    "take my life insurance off the payroll",
    "The company sent gas bills",
    "Is there a fire ban today?",
    "ma voiture brûle un feu rouge",
    "Il y a un feu à l'angle de la rue qui ne marche pas",
    "gen yon dife limyè ki pa mache",
    "My father had a heart attack last year",
    "rele anbilans, konbyen li koute",
    "These taxes are going to kill me",
    "il me tape sur les nerfs",
    "dan m ap touye m",
    "ele me bateu no carro, quem paga?",
    "O mato invadindo a minha casa",
    "cuando se arme me avisan",
    "I have back pain, how do I book a physiotherapist?",
    "my mother has pain in her knee, is the clinic open?",
    "where do I get my blood test results?",
    "I need a lot of blood tests, where do I go?",
    "is there a heart attack prevention workshop?",
    "my son can't wake up early, is there an afternoon school?",
    "does the pool teach back stroke?",
    "I am in labor court with my boss, is there a lawyer?",
    "the baby is coming with me, is there a changing room?",
    "muita dor de dente, tem dentista no posto?",
    "estou com dor nas costas, como marco fisioterapia?",
    "le robinet saigne de l'eau",
    "mwen gen doulè nan pye, ki lè klinik la louvri?",
    "pa respirar mejor necesito el inhalador",
    "es pa respaldo de mi trámite",
]


@pytest.mark.parametrize(("kind", "language", "text"), SURE)
def test_unambiguous_phrase_is_an_emergency(kind: str, language: str, text: str) -> None:
    assert find(text) == kind
    assert foreign_danger(text) == ForeignDanger(kind, Language(language), sure=True)


@each_row(("kind", "language"), DANGERS)
def test_danger_is_found_with_its_language(kind: str, language: str) -> None:
    found = {text: foreign_danger(text) for text in DANGERS[kind, language]}
    wrong = {text: one for text, one in found.items() if not one or (one.kind, one.language) != (kind, language)}
    assert wrong == {}


def test_few_dangers_are_sure() -> None:
    assert find("I smell gas") is None
    assert foreign_danger("I smell gas") == ForeignDanger("gas", Language.ENGLISH, sure=False)


@each_row("text", HARMLESS)
def test_ordinary_message_is_no_danger(text: str) -> None:
    assert (find(text), foreign_danger(text)) == (None, None)


@pytest.mark.parametrize(
    "text", ["mi mari no vino y me bate el pelo", "cuando se arme me avisan", "minha cachorra sumiu"]
)
def test_other_words_are_no_danger(text: str) -> None:
    assert (find(text), foreign_danger(text)) == (None, None)
