"""ONDE, the State's register of pupils: reads the two files that the head teacher exports, and imports them.

`lecture` gives plain values and `rapprochement` says who is who (both pure); `eleves`, `foyers` and `adultes` write,
`importation` holds the transaction, `bilan` tells the secretary, to whom `questions` are put; `depots` are the imports
of her screen.
"""
